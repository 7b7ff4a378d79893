import { fileURLToPath } from 'node:url';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { writeGenerated } from '../generated-file.ts';

/** Writes the types of the API from the OpenAPI document, or with `--check` says whether they are fresh. */

const contract = new URL('../../lambdas/contract/', import.meta.url);
const types = astToString(await openapiTS(new URL('openapi.json', contract)));
process.exitCode = writeGenerated(
  fileURLToPath(new URL('api.d.ts', contract)),
  `${COMMENT_HEADER}${types}`,
  process.argv,
);
