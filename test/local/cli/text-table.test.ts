import { describe, expect, it } from 'vitest';
import { neverCut, textTable } from '../../../local/cli/text-table.ts';

const columns = (width: number) => ({ width, hasColour: false });
const rows = [
  ['Tomás Mensah', 'Northwind Freight "Express"', 1_200],
  ['田中太郎', 'Quarry ⭐ Networks', 7],
];
const table = (width: number) => textTable(['name', 'company', 'messages'], rows, columns(width));

describe('a table', () => {
  it('is aligned by columns, also with wide characters', () => {
    expect(table(80)).toBe(`name          company                      messages
────────────  ───────────────────────────  ────────
Tomás Mensah  Northwind Freight "Express"     1,200
田中太郎      Quarry ⭐ Networks                  7`);
  });

  it('has its longest texts cut if it is too wide, and no number', () => {
    expect(table(40)).toBe(`name          company           messages
────────────  ────────────────  ────────
Tomás Mensah  Northwind Freig…     1,200
田中太郎      Quarry ⭐ Netwo…         7`);
  });

  it('becomes a list of rows if that is not enough', () => {
    expect(table(24)).toBe(`name      Tomás Mensah
company   Northwind Fre…
messages  1,200
──────────────────
name      田中太郎
company   Quarry ⭐ Net…
messages  7`);
  });

  it('becomes a list of rows rather than cut a column that is never cut', () => {
    const cut = (least: number) =>
      textTable(['table', 'rows', 'changed'], [['settings_profile', 1, 1]], columns(27), { least: [least] });
    expect(cut(8)).toContain('settings_pr…');
    expect(cut(neverCut)).toBe('table    settings_profile\nrows     1\nchanged  1');
  });

  it('becomes a list of rows if more than three columns would be cut', () => {
    const wide = (count: number) =>
      textTable(
        Array.from({ length: count }, (_, at) => `c${at}`),
        [Array.from({ length: count }, () => '2026-03-10 12:00:00+00')],
        columns(80),
      );
    expect(wide(3)).toContain('─');
    expect(wide(3)).not.toContain('…');
    expect(wide(4)).toBe(['c0', 'c1', 'c2', 'c3'].map((name) => `${name}  2026-03-10 12:00:00+00`).join('\n'));
  });
});
