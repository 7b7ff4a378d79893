import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType, ColumnValue } from '../../../lambdas/contract/column-types.ts';
import type { Table } from '../../../lambdas/contract/stream.ts';
import { encodeDataFile, readColumns, rowSource } from '../../../lambdas/core/iceberg/data-file.ts';
import { schemaFor } from '../../../lambdas/core/iceberg/schema.ts';
import { anyRows } from '../../support/any-rows.ts';
import { columnsOf } from '../../support/iceberg-table.ts';

const columnType = fc.constantFrom<ColumnType[]>(
  'string',
  'json',
  'timestamp',
  'date',
  'integer',
  'number',
  'boolean',
  'string_list',
);
const anyTable = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z][a-z_]{0,6}$/), columnType), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: 8,
  })
  .map((columns): Table => {
    const declared = columns.map(([name, type]) => [name, { type, description: name }] as const);
    const [key = 'a'] = columns.map(([name]) => name);
    return {
      name: 'any',
      description: 'Any.',
      key: [key],
      columns: Object.fromEntries([...declared, [key, { type: 'string', description: '' }]]),
    };
  });

/** Lone surrogates are written as U+FFFD. */
const stored = (value: ColumnValue): ColumnValue => {
  if (typeof value === 'string') return value.toWellFormed();
  return Array.isArray(value) ? value.map((one) => one.toWellFormed()) : value;
};

describe('a data file', () => {
  it('preserves every value of any table', async () => {
    const tableAndRows = anyTable.chain((table) => fc.tuple(fc.constant(table), anyRows(table, 20)));
    await fc.assert(
      fc.asyncProperty(tableAndRows, async ([table, rows]) => {
        const schema = schemaFor(table, undefined);
        const columns = columnsOf(table, rows);
        const { bytes, content } = encodeDataFile(table, schema, rowSource(columns));
        const read = await readColumns('file', Buffer.from(bytes), schema, Object.keys(columns));
        expect(content.rows).toBe(rows.length);
        expect(read).toEqual(Object.fromEntries(Object.entries(columns).map(([n, all]) => [n, all.map(stored)])));
      }),
    );
  });

  it('has the same bytes and bounds when its rows are read with times as numbers and written again', async () => {
    const tableAndRows = anyTable.chain((table) => fc.tuple(fc.constant(table), anyRows(table, 20)));
    await fc.assert(
      fc.asyncProperty(tableAndRows, async ([table, rows]) => {
        const schema = schemaFor(table, undefined);
        const first = encodeDataFile(table, schema, rowSource(columnsOf(table, rows)));
        const names = schema.fields.map(({ name }) => name);
        const read = await readColumns('file', first.bytes, schema, names, { timesAsNumbers: true });
        for (const { name, type } of schema.fields)
          if (type === 'timestamptz') expect(read[name]?.some((value) => value instanceof Date)).toBe(false);
        expect(encodeDataFile(table, schema, rowSource(read))).toEqual(first);
      }),
    );
  });
});
