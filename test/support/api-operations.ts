import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One operation of the API document, as the client's tests need it. */
export interface ApiOperation {
  readonly method: string;
  /** Includes `/api/public/v1`; parameters are in braces. */
  readonly path: string;
  readonly pathParameters: readonly string[];
  readonly queryParameters: readonly string[];
  readonly takesIdempotencyKey: boolean;
  /** The document's example of a request body; undefined if there is no body. */
  readonly request: unknown;
  /** The document's example of a response. */
  readonly answer: Readonly<Record<string, unknown>>;
}

const operation = z.object({
  parameters: z.array(z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']) })).default([]),
  requestBody: z
    .object({ content: z.object({ 'application/json': z.object({ example: z.unknown() }) }) })
    .transform(({ content }) => content['application/json'].example)
    .optional(),
  responses: z.object({
    200: z.object({
      content: z.object({ 'application/json': z.object({ example: z.record(z.string(), z.unknown()) }) }),
    }),
  }),
});
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

/** All operations of the API document. */
export function apiOperations(): ApiOperation[] {
  const file = new URL('../../lambdas/contract/openapi.json', import.meta.url);
  const { paths } = document.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters, requestBody, responses }]) => {
      const named = (place: string) => parameters.filter((one) => one.in === place).map(({ name }) => name);
      return {
        method: method.toUpperCase(),
        path,
        pathParameters: named('path'),
        queryParameters: named('query'),
        takesIdempotencyKey: named('header').includes('Idempotency-Key'),
        request: requestBody,
        answer: responses[200].content['application/json'].example,
      };
    }),
  );
}
