import { describe, expect, expectTypeOf, it } from 'vitest';
import type { ColumnType } from '../../lambdas/contract/column-types.ts';
import { metaColumns } from '../../lambdas/contract/meta-columns.ts';
import { pipelineTables } from '../../lambdas/contract/pipeline-tables.ts';
import { historyName, type Row, type Stream, tableOf } from '../../lambdas/contract/stream.ts';
import { type leadActivities, leads } from '../../lambdas/streams/leads.ts';
import { childrenOf, streamNamed, streams, streamsIn, withParents } from '../../lambdas/streams/registry.ts';
import { type FieldSchema, readOperations } from '../support/read-operations.ts';

const reads = new Map(readOperations().map((operation) => [operation.path, operation]));

function readAt(path: string) {
  const operation = reads.get(path);
  if (!operation)
    throw new Error(
      `lambdas/contract/openapi.json has no GET ${path}. Add it there, or correct the path in lambdas/streams: CONTRIBUTING.md, "Add a stream", step 1.`,
    );
  return operation;
}

function columnTypeOf({ type, format, items }: FieldSchema): ColumnType {
  const [only, ...others] = [type].flat().filter((one) => one !== 'null');
  if (others.length > 0) return 'json';
  if (only === 'string') return format === 'date-time' ? 'timestamp' : 'string';
  if (only === 'array') return items?.type === 'string' ? 'string_list' : 'json';
  if (only === 'integer' || only === 'number' || only === 'boolean') return only;
  return 'json';
}

/** Columns according to the API's OpenAPI document: fields of a row and of its detail, without the parent's key. */
function expectedColumns({ path, parent, detail }: Stream): Record<string, ColumnType> {
  const detailFields = Object.entries(detail ? readAt(detail.path).fields : {}).filter(([name]) =>
    detail?.fields.includes(name),
  );
  const fields = [...Object.entries(readAt(path).fields), ...detailFields];
  return Object.fromEntries(
    fields.filter(([name]) => name !== parent?.key).map(([name, schema]) => [name, columnTypeOf(schema)]),
  );
}

describe('the registry', () => {
  it('uses every read operation of the contract, except single rows of a list that it reads', () => {
    const asked = new Set(streams.flatMap(({ path, byId, detail }) => [path, byId, detail?.path]));
    const left = [...reads.values()].filter(({ path }) => !asked.has(path));
    const listed = streams.map(({ path }) => Object.keys(readAt(path).fields));
    const unread = left.filter(
      ({ shape, fields }) =>
        shape !== 'single' || !listed.some((list) => Object.keys(fields).every((field) => list.includes(field))),
    );
    expect(
      unread.map(({ path }) => path),
      'paths of openapi.json without a stream in lambdas/streams',
    ).toEqual([]);
  });

  it('has an example of each answer, of which other tests make rows', () => {
    const without = [...reads.values()].filter(({ hasExample }) => !hasExample);
    const missing = without.map(({ path }) => `add an example to GET ${path} in lambdas/contract/openapi.json`);
    expect(missing).toEqual([]);
  });

  it('has a unique name for each table and history', () => {
    const names = [
      ...streams.flatMap((stream) => [stream.name, historyName(stream)]),
      ...pipelineTables.map(({ name }) => name),
    ];
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('has each parent before its children', () => {
    const order = streams.map(({ name }) => name);
    for (const { name, parent } of streams) {
      if (parent) expect(order.indexOf(parent.stream), name).toBeGreaterThanOrEqual(0);
      if (parent) expect(order.indexOf(name), name).toBeGreaterThan(order.indexOf(parent.stream));
    }
  });

  it('marks columns whose name or format shows that they are personal', () => {
    for (const { name, path, columns } of streams) {
      for (const [column, { personal }] of Object.entries(columns)) {
        const isAddress = readAt(path).fields[column]?.format === 'email';
        if (isAddress || /^(email|phone|full_name|lead_name|subject|body|message|summary|error_message)$/.test(column))
          expect(personal, `${name}.${column}`).toBeDefined();
      }
    }
  });

  it('finds a stream by name, and lists the streams if there is none', () => {
    expect(streamNamed('leads')).toBe(leads);
    expect(() => streamNamed('nope')).toThrow(
      /^There is no stream 'nope'\. The streams are: .*\bleads\b.*\bsettings_voice\b.*\.$/,
    );
  });

  it('knows the children of a stream, and adds the parents of named streams', () => {
    const children = childrenOf(leads).map(({ name }) => name);
    expect(children).toEqual(streams.flatMap(({ name, parent }) => (parent?.stream === 'leads' ? [name] : [])));
    expect(children).toEqual(expect.arrayContaining(['lead_activities', 'lead_messages']));
    expect(withParents(['campaign_run_events']).map(({ name }) => name)).toEqual([
      'campaigns',
      'campaign_runs',
      'campaign_run_events',
    ]);
    expect(streamsIn('all')).toEqual(streams);
    expect(streamsIn('lead_messages, leads').map(({ name }) => name)).toEqual(['leads', 'lead_messages']);
  });
});

describe.each(streams)('stream $name', (stream) => {
  const { name, path, shape, scope, key, parent, cursor, hints, limit, columns, domain, numbered } = stream;
  it('uses a GET of the contract, with its scope, shape and domain', () => {
    const operation = readAt(path);
    expect(operation).toMatchObject({ scope, shape, tag: domain });
    expect(operation.pathParameters).toEqual(parent ? [parent.key] : []);
  });

  it('sends a limit and time filters exactly where they are documented', () => {
    const { queryParameters } = readAt(path);
    expect(limit === true).toBe(queryParameters.includes('limit'));
    const filters = queryParameters.filter((parameter) => /_(after|before)$/.test(parameter));
    expect(cursor !== undefined).toBe(filters.length > 0);
    if (cursor) expect(filters).toEqual(expect.arrayContaining([cursor.afterParam, cursor.beforeParam]));
  });

  it('has a column of a fitting type for each field of the contract, and no other', () => {
    const given = Object.entries(columns).filter(([column]) => column !== numbered?.column);
    expect(
      Object.fromEntries(given.map(([column, { type }]) => [column, type])),
      'the columns in lambdas/streams, and the fields of the schema in lambdas/contract/openapi.json',
    ).toEqual(expectedColumns(stream));
  });

  it('detects changes by existing columns', () => {
    if (cursor) expect(columns[cursor.field]).toMatchObject({ type: 'timestamp' });
  });

  it('hints at children by an existing column with the id of their parent', () => {
    for (const { child, column } of hints ?? []) {
      expect(columns[column], column).toMatchObject({ type: 'string' });
      expect(streamNamed(child).parent).toBeDefined();
    }
  });

  it('has a key of existing columns, its parent first', () => {
    expect(Object.keys(tableOf(stream).columns)).toEqual(expect.arrayContaining([...key]));
    if (parent) expect(key[0]).toBe(parent.key);
    expect(key.at(-1)).toBe(numbered?.column ?? key.at(-1));
    expect(key).toHaveLength((parent ? 2 : 1) + (numbered ? 1 : 0));
  });

  it('has no column with the name of one that the pipeline adds', () => {
    const added = [...Object.keys(metaColumns), 'dt', ...(parent ? [parent.key] : [])];
    expect(Object.keys(columns).filter((column) => added.includes(column))).toEqual([]);
  });

  it('has names that Glue and Athena accept unchanged, and a description for each', () => {
    const { columns: all, description } = tableOf(stream);
    for (const one of [name, ...Object.keys(all)]) expect(one).toMatch(/^_?[a-z][a-z0-9_]{0,63}$/);
    for (const text of [description, ...Object.values(all).map((column) => column.description)])
      expect(text).toMatch(/^[A-Z].*\.$/);
  });
});

const withById = streams.flatMap(({ name, path, scope, byId }) => (byId ? [{ name, path, scope, byId }] : []));
describe.each(withById)('$name by id', ({ path, scope, byId }) => {
  it('has the same fields, by one parameter', () => {
    const one = readAt(byId);
    expect(one).toMatchObject({ shape: 'single', scope, fields: readAt(path).fields });
    expect(one.pathParameters).toHaveLength(1);
  });
});

const withDetail = streams.flatMap(({ name, path, scope, detail, columns }) =>
  detail ? [{ name, path, scope, detail, columns }] : [],
);
describe.each(withDetail)('$name and its detail', ({ path, scope, detail, columns }) => {
  it('adds fields that the list lacks', () => {
    const one = readAt(detail.path);
    expect(one).toMatchObject({ shape: 'single', scope });
    expect(one.pathParameters).toHaveLength(1);
    for (const field of detail.fields) {
      expect(one.fields).toHaveProperty(field);
      expect(readAt(path).fields).not.toHaveProperty(field);
      expect(columns).toHaveProperty(field);
    }
  });
});

describe('the type of a row', () => {
  it('follows from the declaration: each column’s type, or null', () => {
    expectTypeOf<Row<typeof leads>>().toHaveProperty('email').toEqualTypeOf<string | null>();
    expectTypeOf<Row<typeof leads>>().toHaveProperty('updated_at').toEqualTypeOf<Date | null>();
    expectTypeOf<Row<typeof leads>>().toHaveProperty('tags').toEqualTypeOf<string[] | null>();
    expectTypeOf<Row<typeof leads>>().toHaveProperty('is_qualified').toEqualTypeOf<boolean | null>();
    expectTypeOf<Row<typeof leads>>().not.toHaveProperty('lead_id');
  });

  it('has the key of the parent, which is never null', () => {
    expectTypeOf<Row<typeof leadActivities>>().toHaveProperty('lead_id').toEqualTypeOf<string>();
    expectTypeOf<Row<typeof leadActivities>>().toHaveProperty('summary').toEqualTypeOf<string | null>();
  });
});
