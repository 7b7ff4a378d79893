import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeGenerated } from './generated-file.ts';
import { scopesFor } from './scopes.ts';

/** Writes the list of scopes into docs/deploy.md, between its marks; with `--check` says whether it is fresh. */

const [from, to] = ['<!-- scopes: written by tools/scopes-section.ts, npm run generate -->', '<!-- /scopes -->'];

/** @throws Error where the page has lost its marks */
export function withScopes(page: string): string {
  const [start, end] = [page.indexOf(from), page.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`docs/deploy.md has lost its marks '${from}' and '${to}'.`);
  const all = scopesFor({ streams: 'all', webhooks: { enabled: true }, exports: { cron: '0 3 ? * SUN *' } });
  const rows = [...all].map(([scope, purposes]) => `| \`${scope}\` | ${purposes.join(', ')} |`);
  return `${page.slice(0, start)}${from}\n| scope | for |\n|---|---|\n${rows.join('\n')}\n${page.slice(end)}`;
}

if (import.meta.main) {
  const target = fileURLToPath(new URL('../docs/deploy.md', import.meta.url));
  process.exitCode = writeGenerated(target, withScopes(readFileSync(target, 'utf8')), process.argv);
}
