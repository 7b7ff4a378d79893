import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { marts } from '../../tools/dbt-package.ts';
import { between, changed } from '../../tools/generate.ts';

describe('a text between marks', () => {
  const page = 'a\n<!-- part: written by npm run generate -->\nold\n<!-- /part -->\nb\n';

  it('replaces the previous text', () => {
    expect(between(page, 'part', 'new\n')).toBe(page.replace('old', 'new'));
  });

  it('is an error if the page has lost its marks', () => {
    expect(() => between('a', 'part', 'new')).toThrow(/has lost its marks '<!-- part: /);
    expect(() => between(page, 'other', 'new')).toThrow(/lost its marks/);
  });
});

it('a page that cannot be made is named, before any file is written', async () => {
  const pages = { 'made.md': () => 'new', 'broken.md': (page: string) => between(page, 'part', 'new') };
  await expect(changed(pages)).rejects.toThrow(/^broken\.md cannot be made\. The page has lost its marks/);
});

it('dbt/README.md has every mart in its table', () => {
  const rows = readFileSync('dbt/README.md', 'utf8').matchAll(/^\| `(\w+)` \|/gm);
  expect([...rows].map(([, name]) => name).toSorted()).toEqual(marts.map(({ name }) => name).toSorted());
});
