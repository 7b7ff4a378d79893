import { namedQueries } from '../lambdas/streams/named-queries.ts';
import { streams } from '../lambdas/streams/registry.ts';
import { historyName, isSnapshot } from '../lambdas/streams/views.ts';

/** docs/queries.md, from the views and the named queries. */

export function queriesPage(): string {
  const views = streams.map(
    (stream) =>
      `| \`${stream.name}\` | \`${historyName(stream)}\` | ${isSnapshot(stream) ? 'latest complete listing' : 'every row seen'} | ${stream.key.map((column) => `\`${column}\``).join(', ')} |`,
  );
  return `<!-- Written by tools/queries-page.ts. Change lambdas/streams/named-queries.ts or views.ts, then run: npm run generate -->

# Views and queries

Each query and each view is one SQL text that Athena (Trino) and DuckDB both run. The tests run it on DuckDB.

## Views

\`<table>_history\` holds every version that was read. The view \`<table>\` has one row a key: the newest version by the source's \`updated_at\`, then by the time of reading.

- **latest complete listing**: the table is listed whole in each nightly run, so a row that the latest complete run did not list is gone. Rows read after that run began count too.
- **every row seen**: a row stays until a tombstone (\`_deleted_at\`) says that it is gone, and comes back when the API gives it again after that. Only \`leads\` get tombstones, from a complete export; rows below a deleted lead stay, so join them with \`leads\` where only present leads matter.

| view | over | rows | key |
|---|---|---|---|
${views.join('\n')}

## Named queries

In Athena: workgroup \`prospect-lake-<name>\`, tab "Saved queries". On this machine: \`npm run query -- --named <query>\`.

${namedQueries.map(({ name, description, sql }) => `### ${name}\n\n${description}\n\n\`\`\`sql\n${sql}\n\`\`\``).join('\n\n')}
`;
}
