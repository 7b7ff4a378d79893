import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { columnType } from '../../lambdas/contract/column-types.ts';
import { columnParsers } from '../../lambdas/core/rows/column-parsers.ts';

const page = readFileSync(new URL('../../docs/custom-columns.md', import.meta.url), 'utf8');
const [, table = ''] = /\n(\| the API gives [\s\S]*?)\n\n/.exec(page) ?? [];
const [head = [], , ...lines] = table.split('\n').map((line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim()),
);
const types = head.slice(1).map((cell) => columnType.parse(cell.replaceAll('`', '')));

describe('the table of docs/custom-columns.md', () => {
  it('has a column for each type', () => {
    expect(types).toEqual(columnType.options);
  });

  const values = lines.flatMap(([given = '', ...cells]) =>
    [...given.matchAll(/`([^`]+)`/g)].map(([, text = '']) => ({ text, cells })),
  );
  it.each(values)('says which types $text fits', ({ text, cells }) => {
    const value: unknown = JSON.parse(text);
    const found = types.map((type) => {
      const fit = columnParsers[type](value, () => text);
      if (!fit) return '';
      return fit.exact ? 'yes' : 'in part';
    });
    expect(found).toEqual(cells);
  });
});
