import { describe, expect, it } from 'vitest';
import { between } from '../../tools/generate.ts';

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
