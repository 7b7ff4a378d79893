import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Stream } from '../../lambdas/contract/stream.ts';

const answer = z.object({ data: z.unknown() });
const operation = z.object({
  get: z.object({
    responses: z.object({
      '200': z.object({ content: z.object({ 'application/json': z.object({ example: answer }) }) }),
    }),
  }),
});
const contract = z.object({ paths: z.record(z.string(), z.unknown()) });
const fields = z.record(z.string(), z.unknown());

const { paths } = contract.parse(
  JSON.parse(await readFile(new URL('../../lambdas/contract/openapi.json', import.meta.url), 'utf8')),
);

/** The API document's example row of the stream. */
export function exampleRow({ path, shape }: Stream): Record<string, unknown> {
  const { data } = exampleAnswer(path);
  return fields.parse(shape === 'list' ? z.array(fields).parse(data)[0] : data);
}

/** The API document's example of the row's detail; undefined if the stream has none. */
export function exampleDetail({ detail }: Stream): Record<string, unknown> | undefined {
  return detail && fields.parse(exampleAnswer(detail.path).data);
}

function exampleAnswer(path: string): z.infer<typeof answer> {
  return operation.parse(paths[`/api/public/v1${path}`]).get.responses['200'].content['application/json'].example;
}
