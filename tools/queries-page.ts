import { namedQueries } from '../lambdas/streams/named-queries.ts';

/** Generates docs/queries.md from the named queries. */

export function queriesPage(): string {
  return `<!-- Written by tools/queries-page.ts. Change lambdas/streams/named-queries.ts, then run: npm run generate -->

# Queries

Each query is one SQL text that Athena (Trino) and DuckDB both run. The tests run it on DuckDB. \`<table>\` has the current rows, \`<table>_history\` every version that was read: [data-dictionary.md](data-dictionary.md).

## Named queries

In Athena: workgroup \`prospect-lake-<name>\`, tab "Saved queries". On this machine: \`npx prospect-lake query --named <query>\`.

${namedQueries.map(({ name, description, sql }) => `### ${name}\n\n${description}\n\n\`\`\`sql\n${sql}\n\`\`\``).join('\n\n')}

## Queries of your own

Put them into a folder, one \`.sql\` file each, and name the folder in the configuration:

\`\`\`ts
export const workspaces = defineConfig([{ name: 'main', queries: 'queries' }]);
\`\`\`

The query of \`queries/won_leads.sql\` is \`won_leads\`: \`npx prospect-lake query --named won_leads\` asks it of a local run, and the next deployment saves it in Athena. The comment at the beginning of the file is its description. A deployment does not run them. To ask each once of a local run, before you deploy:

\`\`\`sh
for file in queries/*.sql; do
  npx prospect-lake query --named "$(basename "$file" .sql)" > /dev/null || echo "$file fails"
done
\`\`\`

That tries them on DuckDB. A query that Athena is to answer too has to be SQL of Trino, as those above are. They avoid what differs:

- \`regexp_replace\` replaces all matches in Trino, and only the first in DuckDB: they use \`translate\`.
- \`json_extract_scalar\` is missing in DuckDB: they use \`json_extract\` with a cast.
- \`max_by\` skips nulls only in DuckDB: they use a window.
- \`date_diff('hour', …)\` counts whole hours in Trino, and in DuckDB the hours begun: they take the difference in seconds.
`;
}
