import { describe, expect, it } from 'vitest';
import { textTable } from '../../../local/cli/text-table.ts';

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
});
