import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

/** What docs/library.md has a person write, as it stands there. */

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/library.md'), 'utf8');
const [packageText = '', appText = '', cdkText = ''] = [...page.matchAll(/```(?:json|ts)\n([^`]+)```/g)].map(
  ([, text = '']) => text,
);
const versions = z.object({ dependencies: z.record(z.string(), z.string()) });

const folder = mkdtempSync(join(tmpdir(), 'library-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the app of docs/library.md', () => {
  it('is synthesized from outside, with the lake and a stack that reads it', { timeout: 60_000 }, () => {
    symlinkSync(root, join(folder, 'prospect-lake'));
    // As npm leaves it: a workspace has no copy of its own.
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), packageText);
    writeFileSync(join(folder, 'app.ts'), appText);
    const { app } = z.object({ app: z.string() }).parse(JSON.parse(cdkText));
    const out = join(folder, 'out');
    const { status, stderr } = spawnSync(app, {
      cwd: folder,
      shell: true,
      encoding: 'utf8',
      env: {
        ...process.env,
        CDK_OUTDIR: out,
        CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [] }),
      },
    });
    expect(status, stderr).toBe(0);
    const templates = readdirSync(out).filter((file) => file.endsWith('.template.json'));
    expect(templates).toHaveLength(3);
    const reports = readFileSync(join(out, 'Reports.template.json'), 'utf8');
    expect(reports).toContain('s3:GetObject*');
    expect(reports).toContain('/lake/*');
  });

  it('has the versions of this project', () => {
    const own = versions.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).dependencies;
    for (const [name, version] of Object.entries(versions.parse(JSON.parse(packageText)).dependencies))
      expect([name, own[name]]).toEqual([name, version]);
  });
});
