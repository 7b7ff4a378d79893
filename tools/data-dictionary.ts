import { columnTypes } from '../lambdas/contract/column-types.ts';
import { type Stream, type Table, tableOf } from '../lambdas/contract/stream.ts';
import { ownTables, streams } from '../lambdas/streams/registry.ts';
import { historyName, isSnapshot } from '../lambdas/streams/views.ts';

/** docs/data-dictionary.md, from the registry. */

function columnsOf({ columns, key }: Table): string {
  const rows = Object.entries(columns).map(([name, { type, description, personal }]) => {
    const marks = [...(key.includes(name) ? ['key'] : []), ...(personal ? [`personal data: ${personal}`] : [])].join(
      ', ',
    );
    return `| \`${name}\` | ${type} | \`${columnTypes[type].glue}\` | ${marks} | ${description} |`;
  });
  return ['| column | type | Glue | | meaning |', '|---|---|---|---|---|', ...rows].join('\n');
}

function howRead(stream: Stream): string {
  if (stream.shape === 'single') return 'One row a run.';
  if (stream.cursor) {
    return `Incremental: rows whose \`${stream.cursor.field}\` is after the watermark, less ${stream.cursor.overlapMinutes} minutes.`;
  }
  const kind = isSnapshot(stream) ? 'Listed whole in each run' : 'Read again where the parent changed';
  return stream.parent ? `${kind}, for each row of \`${stream.parent.stream}\`.` : `${kind}.`;
}

function sectionOf(stream: Stream): string {
  const table = tableOf(stream);
  const detail = stream.detail
    ? ` ${stream.detail.fields.map((field) => `\`${field}\``).join(', ')} from \`GET ${stream.detail.path}\`, asked once a row.`
    : '';
  return `### ${stream.name}

${stream.description} ${howRead(stream)}

Read from \`GET ${stream.path}\`; the key needs the scope \`${stream.scope}\`.${detail} Every version: \`${historyName(stream)}\`; the current rows: the view \`${stream.name}\`.

${columnsOf(table)}`;
}

export function dataDictionary(): string {
  const domains = [...new Set(streams.map(({ domain }) => domain))].toSorted();
  const types = Object.entries(columnTypes).map(
    ([name, { glue, meaning }]) => `| ${name} | \`${glue}\` | ${meaning} |`,
  );
  return `<!-- Written by tools/data-dictionary.ts. Change the registry, then run: npm run generate -->

# Data dictionary

${streams.length} tables from the API, by domain, and ${ownTables.length} of the pipeline itself. Each is partitioned by \`dt\`, the UTC day on which its run began. A column that is not part of the key can be null.

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

${ownTables.map((table) => `### ${table.name}\n\n${table.description}\n\n${columnsOf(table)}`).join('\n\n')}
`;
}
