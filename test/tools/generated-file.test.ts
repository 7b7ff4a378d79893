import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeGenerated } from '../../tools/generated-file.ts';

let folder: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'generated-file-'));
  target = join(folder, 'api.d.ts');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe('a generated file', () => {
  it('is written, and is then fresh', () => {
    expect(writeGenerated(target, 'new', [])).toBe(0);
    expect(readFileSync(target, 'utf8')).toBe('new');
    expect(writeGenerated(target, 'new', ['--check'])).toBe(0);
  });

  it.each([
    ['stale', 'old'],
    ['missing', undefined],
  ])('that is %s fails the check, which says how to make it and writes nothing', (_, before) => {
    if (before !== undefined) writeFileSync(target, before);
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(writeGenerated(target, 'new', ['--check'])).toBe(1);
    expect(said).toHaveBeenCalledWith(expect.stringContaining('npm run generate'));
    const left = () => readFileSync(target, 'utf8');
    if (before === undefined) expect(left).toThrow(/ENOENT/);
    else expect(left()).toBe(before);
  });
});
