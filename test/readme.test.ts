import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { programSummaries } from '../local/cli/command-names.ts';
import { startLine } from '../local/cli/start-options.ts';
import { steps } from '../tools/check.ts';

const root = join(import.meta.dirname, '..');
const text = (file: string) => readFileSync(join(root, file), 'utf8');
const readme = text('README.md');
const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(text('package.json')));

const found = (pattern: RegExp) => [...new Set([...readme.matchAll(pattern)].map((match) => match[1] ?? ''))];

describe('the README', () => {
  it('names existing scripts', () => {
    const named = [...found(/npm run (?:-s )?([a-z:-]+)/g), ...found(/npm (start|test)\b/g)];
    expect(named).toEqual(expect.arrayContaining(['check', 'bench', 'start', 'test']));
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('has a row for each command of the program', () => {
    expect(found(/^\| `npx prospect-lake ([a-z-]+)/gm).toSorted()).toEqual(Object.keys(programSummaries).toSorted());
  });

  it('has exactly the flags of npm start', () => {
    expect(found(/^\| `(--[a-z-]+)/gm).toSorted()).toEqual(
      Object.keys(startLine.flags)
        .map((flag) => `--${flag}`)
        .toSorted(),
    );
  });

  it('describes everything that the check covers', () => {
    const row = readme.split('\n').find((line) => line.startsWith('| `npm run check`'));
    const phrases: Record<string, string> = { unused: 'dead code', generated: 'generated files' };
    for (const { name } of steps) expect(row).toContain(phrases[name] ?? name);
  });

  it('shows existing folders, and links to existing files', () => {
    const links = found(/\]\(([^):]+)\)/g);
    const folders = found(/^ {0,2}([a-z]+\/) +/gm).map((folder) =>
      existsSync(join(root, folder)) ? folder : join('lambdas', folder),
    );
    expect(folders).toContain('lambdas/core/');
    expect([...links, ...folders].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('the index of decisions', () => {
  it('lists each of them', () => {
    const index = text('docs/adr/README.md');
    const decisions = readdirSync(join(root, 'docs/adr')).filter((file) => /^\d{4}-/.test(file));
    expect(decisions.filter((file) => !index.includes(`](${file})`))).toEqual([]);
    expect(decisions).not.toEqual([]);
  });
});
