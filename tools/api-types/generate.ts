import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { writeGenerated } from '../generated-file.ts';

/** Writes the types of the API from the OpenAPI document, or with `--check` says whether they are fresh. */

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const target = path('../../lambdas/contract/api.d.ts');

const types = execFileSync(
  process.execPath,
  [path('./node_modules/openapi-typescript/bin/cli.js'), path('../../lambdas/contract/openapi.json')],
  { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
);
process.exitCode = writeGenerated(target, types, process.argv);
