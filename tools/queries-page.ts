import { namedQueries } from '../lambdas/streams/named-queries.ts';

/** Generates docs/queries.md from the named queries. */

export function queriesPage(): string {
  return `<!-- Written by tools/queries-page.ts. Change lambdas/streams/named-queries.ts, then run: npm run generate -->

# Queries

Each query is one SQL text that Athena (Trino) and DuckDB both run. The tests run it on DuckDB. \`<table>\` has the current rows, \`<table>_history\` every version that was read: [data-dictionary.md](data-dictionary.md).

## Named queries

In Athena: workgroup \`prospect-lake-<name>\`, tab "Saved queries". On this machine: \`npx prospect-lake query --named <query>\`.

${namedQueries.map(({ name, description, sql }) => `### ${name}\n\n${description}\n\n\`\`\`sql\n${sql}\n\`\`\``).join('\n\n')}
`;
}
