import fc from 'fast-check';
import type { ColumnType, ColumnValue } from '../../lambdas/contract/column-types.ts';
import type { Table } from '../../lambdas/contract/stream.ts';
import type { ParsedRow } from '../../lambdas/core/rows/rows.ts';

/** A key, and one column of each type. */
export const everyType: Table = {
  name: 'every_type',
  description: 'A table for tests.',
  key: ['id'],
  columns: {
    id: { type: 'string', description: 'Key.' },
    text: { type: 'string', description: 'Text.' },
    at: { type: 'timestamp', description: 'Time.' },
    day: { type: 'date', description: 'Day.' },
    count: { type: 'integer', description: 'Integer.' },
    share: { type: 'number', description: 'Number.' },
    flag: { type: 'boolean', description: 'Flag.' },
    tags: { type: 'string_list', description: 'List.' },
    free: { type: 'json', description: 'JSON.' },
  },
};

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\0', '\uffff', '😀', 'a'.repeat(300), 'false'),
);

const values: { readonly [T in ColumnType]: fc.Arbitrary<ColumnValue> } = {
  string: text,
  json: fc.json(),
  timestamp: fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  }),
  date: fc.integer({ min: -719_162, max: 2_932_896 }).map((day) => new Date(day * 86_400_000)),
  integer: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 0n, 2n ** 53n + 1n),
  ),
  // A Parquet dictionary does not tell -0 from 0.
  number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0),
  boolean: fc.boolean(),
  string_list: fc.array(text, { maxLength: 5 }),
};

/** Valid rows of a table, with nulls in any column outside the key. */
export function anyRows(table: Table, maxLength = 40): fc.Arbitrary<ParsedRow[]> {
  const columns = Object.entries(table.columns).map(([name, { type }]) => {
    const value = values[type];
    return [name, table.key.includes(name) ? value : fc.option(value)] as const;
  });
  return fc.array(fc.record(Object.fromEntries(columns)), { minLength: 1, maxLength });
}
