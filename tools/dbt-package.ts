/** Generates what the dbt package has from the registry: its sources, its staging models and its marts. */

import type { Column } from '../lambdas/contract/column-types.ts';
import { pipelineTables } from '../lambdas/contract/pipeline-tables.ts';
import { currentTableOf, historyName, type Table, tableOf } from '../lambdas/contract/stream.ts';
import { namedQueries } from '../lambdas/streams/named-queries.ts';
import { streams } from '../lambdas/streams/registry.ts';
import { UsageError } from '../local/cli/usage-error.ts';

const written = 'Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate';
const source = 'prospect_lake';
/** Queries that do not become marts: dbt itself checks the freshness of each source. */
const notMarts: ReadonlySet<string> = new Set(['freshness_by_table']);
export const marts = namedQueries.filter(({ name }) => !notMarts.has(name));

/** Every table that a named query may read, by the name that it has in SQL. */
const tables: ReadonlyMap<string, Table> = new Map(
  streams.flatMap((stream) => [
    [stream.name, currentTableOf(stream)] as const,
    [historyName(stream), tableOf(stream)] as const,
  ]),
);

/** Matches the tables that a query names after FROM or JOIN. */
const tablePattern = new RegExp(`\\b(FROM|JOIN) (${[...tables.keys()].join('|')})\\b( AS \\w+)?`, 'g');

const staged = [...tables.keys()].filter((name) =>
  marts.some(({ sql }) => [...sql.matchAll(tablePattern)].some(([, , table]) => table === name)),
);

const stagingFile = (name: string) => `dbt/models/staging/stg_${name}.sql`;
const martFile = (name: string) => `dbt/models/marts/${name}.sql`;

/** The generated files of the package, by path. */
export const dbtFiles: Readonly<Record<string, () => string>> = {
  'dbt/models/sources.yml': sources,
  'dbt/models/staging/staging.yml': stagingDocs,
  'dbt/models/marts/marts.yml': martDocs,
  ...Object.fromEntries(staged.map((name) => [stagingFile(name), () => stagingModel(name)])),
  ...Object.fromEntries(marts.map(({ name, sql }) => [martFile(name), () => mart(sql)])),
};

function sources(): string {
  const all = [
    ...streams.map((stream) => sourceTable(stream.name, currentTableOf(stream), stream.name)),
    ...streams.map((stream) => sourceTable(historyName(stream), tableOf(stream), stream.name)),
    ...pipelineTables.map((table) => sourceTable(table.name, table)),
  ];
  return `# ${written}
version: 2

sources:
  - name: ${source}
    description: Tables of a ProspectB2B workspace, as the nightly run leaves them.
    database: "{{ var('lake_database', target.database) }}"
    # Set the variable lake_schema if the workspace is not named main.
    schema: "{{ var('lake_schema', 'main' if target.type == 'duckdb' else 'prospect_lake_main') }}"
    tables:
${all.join('')}`;
}

/** A table as a dbt source. @param stream the table whose nightly runs show how fresh this one is */
function sourceTable(name: string, { description, columns }: Table, stream?: string): string {
  const freshness =
    stream === undefined
      ? ''
      : `        config:
          loaded_at_query: "{{ prospect_lake.read_completely('${stream}') }}"
          freshness:
            warn_after: { count: 36, period: hour }
            error_after: { count: 72, period: hour }
`;
  const lines = Object.entries(columns).map(
    ([column, declared]) =>
      `          - name: ${column}\n            description: ${JSON.stringify(textOf(declared))}\n`,
  );
  return `      - name: ${name}
        description: ${JSON.stringify(description)}
${freshness}        columns:
${lines.join('')}`;
}

function textOf({ description, personal }: Column): string {
  return personal === undefined ? description : `Personal data (${personal}). ${description}`;
}

/** Quotes the column name `row`, a reserved word of Trino. */
const inSql = (column: string) => (column === 'row' ? '"row"' : column);
const listOf = (texts: readonly string[]) =>
  texts.map((text) => (text.includes('"') ? `'${text}'` : `"${text}"`)).join(', ');

function stagingModel(name: string): string {
  const { name: stream = name, columns = {} } = tables.get(name) ?? {};
  const lines = Object.entries(columns).map(([column, { type }]) =>
    type === 'timestamp' ? `    {{ prospect_lake.utc('${column}') }} as ${column}` : `    ${inSql(column)}`,
  );
  const days = name.endsWith('_history') ? ['    dt'] : [];
  return `-- ${written}
select
${[...lines, ...days].join(',\n')}{{ prospect_lake.custom_columns('${stream}') }}
from {{ source('${source}', '${name}') }}
`;
}

function stagingDocs(): string {
  const models = staged.map((name) => {
    const { description, key } = tables.get(name) ?? { description: '', key: [] };
    const tests = name.endsWith('_history')
      ? ''
      : `    data_tests:
      - prospect_lake.unique_key:
          arguments:
            columns: [${listOf(key.map(inSql))}]
`;
    return `  - name: stg_${name}
    description: ${JSON.stringify(description)}
${tests}`;
  });
  return `# ${written}
version: 2

models:
${models.join('')}`;
}

function mart(sql: string): string {
  const refs = sql.replaceAll(tablePattern, (_, word: string, table: string, alias?: string) => {
    return `${word} {{ ref('stg_${table}') }}${alias ?? ` AS ${table}`}`;
  });
  return `-- ${written}
${refs}
`;
}

/** What must hold of each mart: its key, and conditions that each row meets. */
const rules: Readonly<Record<string, { readonly key: readonly string[]; readonly holds: readonly string[] }>> = {
  lead_funnel: { key: ['stage'], holds: ['stage between 1 and 4', 'leads >= 0', 'percent_of_all between 0 and 100'] },
  campaign_performance_by_run: {
    key: ['campaign_id', 'run_id', 'event_type'],
    holds: ['events >= 0', 'first_event_at <= last_event_at'],
  },
  message_volume: { key: ['month', 'channel', 'direction'], holds: ['messages >= leads'] },
  email_usage_against_plan: { key: ['day'], holds: ['emails_sent >= 0'] },
  import_error_causes: { key: ['cause'], holds: ['refused_rows >= imports'] },
  speed_of_reply: {
    key: ['month', 'channel', 'answered_by'],
    holds: ["answered_by in ('us', 'lead')", 'percent_within_an_hour <= percent_within_a_day', 'median_hours >= 0'],
  },
  prospector_yield: { key: ['workflow_id'], holds: ['leads <= results', 'answered <= leads', 'qualified <= leads'] },
  import_quality: { key: ['import_id'], holds: ['rows_with_errors <= errors', 'imported_rows <= total_rows'] },
};

function martDocs(): string {
  const models = marts.map(({ name, description }) => {
    const rule = rules[name];
    if (!rule) throw new UsageError(`Add to rules of tools/dbt-package.ts what must hold of the mart ${name}.`, 1);
    const { key, holds } = rule;
    const conditions = holds.map(
      (condition) => `      - prospect_lake.holds:
          name: ${name}_holds_${condition
            .toLowerCase()
            .replaceAll(/[^a-z0-9]+/g, '_')
            .replaceAll(/^_|_$/g, '')}
          arguments:
            condition: ${JSON.stringify(condition)}
`,
    );
    return `  - name: ${name}
    description: ${JSON.stringify(description)}
    data_tests:
      - prospect_lake.unique_key:
          arguments:
            columns: [${listOf(key)}]
            may_be_null: true
${conditions.join('')}`;
  });
  return `# ${written}
version: 2

models:
${models.join('')}`;
}
