/** Checks the `npx prospect-lake ops` commands in the docs. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../ops/commands.ts';

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((file) => join('docs', file))].filter((file) =>
  file.endsWith('.md'),
);
const texts = pages.map((page) => readFileSync(join(root, page), 'utf8'));

describe('the pages', () => {
  it('name only existing commands and flags of ops', () => {
    const typed = texts.flatMap((text) => [...text.matchAll(/npx prospect-lake ops ([a-z-]+)([^`\n]*)/g)]);
    expect(typed.length).toBeGreaterThan(20);
    const shared = ['--workspace', '--local', '--out', '--yes', '--json', '--help'];
    for (const [line, name, rest = ''] of typed) {
      const command = commands.find((each) => each.name === name);
      expect([line, command?.name]).toEqual([line, name]);
      const known = [...Object.keys(command?.flags ?? {}).map((flag) => `--${flag}`), ...shared];
      for (const [flag] of rest.matchAll(/--[a-z-]+/g))
        expect([line, known]).toEqual([line, expect.arrayContaining([flag])]);
    }
  });

  it('tell nobody to invoke by hand what a command of ops does', () => {
    expect(texts.filter((text) => /RegisterFunctionName|"action": "rotate"/.test(text))).toEqual([]);
  });
});
