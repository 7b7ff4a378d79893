import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { columnTypes } from '../../lambdas/contract/column-types.ts';
import { namedQueries } from '../../lambdas/streams/named-queries.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { currentStateSql } from '../../lambdas/streams/views.ts';
import { lakeTables, lakeViews } from '../../lib/lake-tables.ts';
import { athenaTypes, createTable, emptyDuckdb } from '../support/lake-tables.ts';
import { propertiesOf, templatesOf } from './templates.ts';

const { data } = templatesOf();

const glueTable = z.object({
  DatabaseName: z.string(),
  TableInput: z.object({
    Name: z.string(),
    TableType: z.string(),
    Parameters: z.record(z.string(), z.unknown()),
    ViewOriginalText: z.string().optional(),
    ViewExpandedText: z.string().optional(),
    StorageDescriptor: z.object({
      Columns: z.array(z.object({ Name: z.string(), Type: z.string(), Comment: z.string().max(255) })),
    }),
  }),
});
const prestoView = z.strictObject({
  originalSql: z.string(),
  catalog: z.literal('awsdatacatalog'),
  schema: z.string(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
});

const views = new Map(
  [...propertiesOf(data, 'AWS::Glue::Table', glueTable).values()]
    .filter(({ TableInput }) => TableInput.TableType === 'VIRTUAL_VIEW')
    .map((table) => [table.TableInput.Name, table]),
);

function decoded(name: string) {
  const text = views.get(name)?.TableInput.ViewOriginalText ?? '';
  const [, base64 = ''] = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(text) ?? [];
  return prestoView.parse(JSON.parse(Buffer.from(base64, 'base64').toString('utf8')));
}

/** What DuckDB calls the types that Athena reads. */
const duckdbNames = new Map([
  ['varchar', 'VARCHAR'],
  ['timestamp(3)', 'TIMESTAMP'],
  ['bigint', 'BIGINT'],
  ['double', 'DOUBLE'],
  ['boolean', 'BOOLEAN'],
  ['array(varchar)', 'VARCHAR[]'],
]);

async function lakeAsInAthena() {
  const connection = await emptyDuckdb();
  for (const { name, table } of lakeTables) await createTable(connection, name, table, athenaTypes);
  return connection;
}

describe('the views', () => {
  it('are one for each stream, beside its history', () => {
    expect([...views.keys()].toSorted()).toEqual(streams.map(({ name }) => name).toSorted());
    const tables = new Set(lakeTables.map(({ name }) => name));
    for (const name of views.keys()) expect(tables.has(name)).toBe(false);
  });

  it('are marked so that Trino takes them for its own', () => {
    for (const { TableInput } of views.values()) {
      expect(TableInput.Parameters).toEqual({ presto_view: 'true', comment: 'Presto View' });
      expect(TableInput.ViewExpandedText).toBe('/* Presto View */');
    }
  });

  it('say in their SQL, in their database, what the registry says, in columns of the types that it selects', async () => {
    const connection = await lakeAsInAthena();
    for (const stream of streams) {
      const view = decoded(stream.name);
      expect(view.originalSql).toBe(currentStateSql(stream));
      expect(view.schema).toBe(views.get(stream.name)?.DatabaseName);
      const reader = await connection.runAndReadAll(view.originalSql);
      const selected = reader.columnTypes().map(String);
      expect(view.columns.map(({ name }) => name)).toEqual(reader.columnNames());
      expect(view.columns.map(({ type }) => duckdbNames.get(type))).toEqual(selected);
    }
  });

  it('show Glue the same columns, with what each means and whether it is personal', () => {
    for (const { name, columns } of lakeViews) {
      const shown = views.get(name)?.TableInput.StorageDescriptor.Columns ?? [];
      expect(shown.map(({ Name, Type }) => [Name, Type])).toEqual(
        Object.entries(columns).map(([column, { type }]) => [column, columnTypes[type].glue]),
      );
      for (const { Name, Comment } of shown) {
        expect(Comment).toContain(columns[Name]?.description);
        expect(/^Personal data \((\w+)\)\./.exec(Comment)?.[1]).toBe(columns[Name]?.personal);
      }
    }
  });
});

describe('the saved queries', () => {
  const savedQuery = z.object({
    Name: z.string(),
    Description: z.string().max(1024),
    Database: z.string(),
    WorkGroup: z.string(),
    QueryString: z.string(),
  });
  const saved = [...propertiesOf(data, 'AWS::Athena::NamedQuery', savedQuery).values()];

  it('are the named ones, in the workgroup and the database of the workspace', () => {
    expect(saved.map(({ Name }) => Name).toSorted()).toEqual(namedQueries.map(({ name }) => name).toSorted());
    for (const { Database, WorkGroup } of saved) {
      expect(Database).toBe(views.get('leads')?.DatabaseName);
      expect(WorkGroup).toBe('prospect-lake-main');
    }
  });

  it.each(saved)('$Name runs over the decoded views', async ({ QueryString }) => {
    const connection = await lakeAsInAthena();
    for (const name of views.keys()) await connection.run(`CREATE VIEW "${name}" AS ${decoded(name).originalSql}`);
    const reader = await connection.runAndReadAll(QueryString);
    expect(reader.columnCount).toBeGreaterThan(1);
  });
});
