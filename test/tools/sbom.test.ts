import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');

it.each(['cyclonedx', 'spdx'])('npm sbom lists the packages as %s, as docs/security.md says', (format) => {
  const args = ['sbom', '--package-lock-only', '--sbom-format', format, '--omit', 'dev'];
  const listed = execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26, stdio: 'pipe' });
  expect(listed).toContain('"hyparquet-writer"');
  expect(listed).not.toContain('"vitest"');
});

it('the lock file has the digest of every package from a registry', () => {
  const entry = z.object({
    integrity: z.string().optional(),
    link: z.boolean().optional(),
    inBundle: z.boolean().optional(),
  });
  const lock = z.object({ packages: z.record(z.string(), entry) });
  const { packages } = lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const without = Object.entries(packages).flatMap(([path, { integrity, link, inBundle }]) =>
    // A bundled package comes inside of another one, whose digest holds for it.
    integrity || link || inBundle ? [] : [path],
  );
  expect(without).toEqual(['', 'tools/api-types']);
});
