import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** An operation of the API's OpenAPI document, reduced to what the server needs. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** Path below the base path, with parameters in braces. */
  readonly path: string;
  readonly scope: string;
  /** Whether the OpenAPI document has a `limit` parameter for the operation. */
  readonly hasLimit: boolean;
}

export const basePath = '/api/public/v1';

const document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        'x-required-scope': z.string(),
        parameters: z.array(z.object({ name: z.string(), in: z.string() })).optional(),
      }),
    ),
  ),
});

export function readOperations(): Operation[] {
  const file = new URL('../../lambdas/contract/openapi.json', import.meta.url);
  const { paths } = document.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path: path.slice(basePath.length),
      scope: operation['x-required-scope'],
      hasLimit: (operation.parameters ?? []).some(({ name, in: place }) => place === 'query' && name === 'limit'),
    })),
  );
}
