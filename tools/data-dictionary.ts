/** Generates docs/data-dictionary.md from the stream registry. */

import { columnTypes } from '../lambdas/contract/column-types.ts';
import { historyName, type Stream, type Table, tableOf } from '../lambdas/contract/stream.ts';
import { childReads } from '../lambdas/contract/pipeline-tables.ts';
import { ownTables, streamNamed, streams } from '../lambdas/streams/registry.ts';

function columnsOf({ columns, key }: Table): string {
  const rows = Object.entries(columns).map(([name, { type, description, personal }]) => {
    const marks = [...(key.includes(name) ? ['key'] : []), ...(personal ? [`personal data: ${personal}`] : [])].join(
      ', ',
    );
    return `| \`${name}\` | ${type} | \`${columnTypes[type].glue}\` | ${marks} | ${description} |`;
  });
  return ['| column | type | Glue | | meaning |', '|---|---|---|---|---|', ...rows].join('\n');
}

const childRules = {
  'when-changed': 'when the row is new or changed, once more in the run after that',
  'until-settled': 'each night until the row has not changed for `settledDays`',
  'every-night': 'each night',
} as const;

function howRead(stream: Stream): string {
  if (stream.shape === 'single') return 'One row.';
  if (stream.cursor)
    return `Read by what changed (\`${stream.cursor.field}\` after the watermark, less \`lookbackHours\`), and completely every \`rereadDays\`.`;
  if (!stream.parent) return 'The whole list is read in each run.';
  const parent = streamNamed(stream.parent.stream);
  const hints = streams.filter(({ hints: all }) => all?.some(({ child }) => child === stream.name));
  const hinted = hints.map(({ name }) => `, when \`${name}\` hints at it`).join('');
  return `Read for each row of \`${parent.name}\` ${childRules[parent.childReading ?? 'when-changed']}${hinted}, and at least every \`childRereadDays\`.`;
}

function sectionOf(stream: Stream): string {
  const table = tableOf(stream);
  const detail = stream.detail
    ? ` ${stream.detail.fields.map((field) => `\`${field}\``).join(', ')} from \`GET ${stream.detail.path}\`, asked once a row.`
    : '';
  return `### ${stream.name}

${stream.description} ${howRead(stream)}

Read from \`GET ${stream.path}\`; the key needs the scope \`${stream.scope}\`.${detail} The current rows: \`${stream.name}\`; every version that was read: \`${historyName(stream)}\`.

${columnsOf(table)}`;
}

export function dataDictionary(): string {
  const domains = [...new Set(streams.map(({ domain }) => domain))].toSorted();
  const types = Object.entries(columnTypes).map(
    ([name, { glue, meaning }]) => `| ${name} | \`${glue}\` | ${meaning} |`,
  );
  const linked = (names: readonly string[]) => names.map((name) => `[\`${name}\`](#${name})`).join(', ');
  const index = domains.map((domain) => {
    const names = streams.filter((stream) => stream.domain === domain).map(({ name }) => name);
    return `| ${domain} | ${linked(names)} |`;
  });
  const pipelines = [...ownTables, childReads];
  return `<!-- Written by tools/data-dictionary.ts. Change the registry, then run: npm run generate -->

# Data dictionary

${streams.length} tables from the API, by domain, and ${ownTables.length + 1} of the pipeline itself. A table of the API is there twice: the current rows as an Iceberg table, one row a key, and its history, to which each run adds what it read. Histories, and the pipeline's own tables but \`${childReads.name}\`, are partitioned by \`dt\`, the UTC day on which the run began. \`_deleted_at\` stands in histories only. A column that is not part of the key can be null.

| domain | tables |
|---|---|
${index.join('\n')}
| the pipeline | ${linked(pipelines.map(({ name }) => name))} |

| type | Glue | meaning |
|---|---|---|
${types.join('\n')}

${domains
  .map(
    (domain) =>
      `## ${domain}\n\n${streams
        .filter((stream) => stream.domain === domain)
        .map(sectionOf)
        .join('\n\n')}`,
  )
  .join('\n\n')}

## The pipeline's own tables

${pipelines.map((table) => `### ${table.name}\n\n${table.description}\n\n${columnsOf(table)}`).join('\n\n')}
`;
}
