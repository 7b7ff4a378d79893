import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'dbt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function testDbt(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

it('npm run test:dbt refuses a folder without tables, and makes none', () => {
  const out = join(folder, 'none');
  expect(testDbt('--out', out)).toEqual({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining(`There are no tables under ${out}.`),
  });
  expect(existsSync(out)).toBe(false);
});

it('npm run test:dbt -- --help says how it is used', () => {
  expect(testDbt('--help')).toEqual({
    status: 0,
    stdout: expect.stringContaining('Usage: npm run test:dbt'),
    stderr: '',
  });
});
