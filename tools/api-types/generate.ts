import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Writes the types of the API from the OpenAPI document, or with `--check` says whether they are fresh. */

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const target = path('../../lambdas/contract/api.d.ts');

const types = execFileSync(
  process.execPath,
  [path('./node_modules/openapi-typescript/bin/cli.js'), path('../../lambdas/contract/openapi.json')],
  { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
);
if (!process.argv.includes('--check')) {
  writeFileSync(target, types);
} else if (readFileSync(target, 'utf8') !== types) {
  process.stderr.write('lambdas/contract/api.d.ts is stale. Run: npm run generate\n');
  process.exitCode = 1;
}
