/** The read operations that the pipeline uses, with the fields that the contract has for their rows. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Stream } from '../../lambdas/contract/stream.ts';

/** A field as the contract describes it. */
const field = z.object({
  type: z.union([z.string().transform((type) => [type]), z.array(z.string())]),
  format: z.string().optional(),
  const: z.string().optional(),
});
export type Field = z.infer<typeof field>;
export type Fields = Readonly<Record<string, Field>>;

const ref = z.object({ $ref: z.string() }).transform(({ $ref }) => $ref.split('/').at(-1) ?? '');
const contract = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});
const operation = z.object({
  responses: z.object({ 200: z.object({ content: z.object({ 'application/json': z.object({ schema: ref }) }) }) }),
});
const envelope = z.object({
  properties: z.object({ data: z.union([ref, z.object({ items: ref }).transform(({ items }) => items)]) }),
});
const row = z.object({ properties: z.record(z.string(), field) });

/** A GET that the pipeline makes for a stream. */
export interface Operation {
  readonly stream: Stream;
  readonly kind: 'list' | 'single' | 'byId' | 'detail';
  /** Path below the base URL, with its parameter in braces. */
  readonly path: string;
  readonly fields: Fields;
}

/** The operations that the streams are read with, parents before their children. */
export function operationsOf(streams: readonly Stream[]): Operation[] {
  return streams.flatMap((stream) => {
    const of = (kind: Operation['kind'], path: string): Operation => ({ stream, kind, path, fields: fieldsOf(path) });
    return [
      of(stream.shape, stream.path),
      ...(stream.byId === undefined ? [] : [of('byId', stream.byId)]),
      ...(stream.detail === undefined ? [] : [of('detail', stream.detail.path)]),
    ];
  });
}

let known: z.infer<typeof contract> | undefined;

/** The fields of the rows that a path gives. @throws z.ZodError if the contract has no such operation */
function fieldsOf(path: string): Fields {
  const file = new URL('../../lambdas/contract/openapi.json', import.meta.url);
  known ??= contract.parse(JSON.parse(readFileSync(file, 'utf8')));
  const { schemas } = known.components;
  const { responses } = operation.parse(known.paths[`/api/public/v1${path}`]?.['get']);
  const { data } = envelope.parse(schemas[responses[200].content['application/json'].schema]).properties;
  return row.parse(schemas[data]).properties;
}
