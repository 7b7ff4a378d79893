import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One GET of the API document, as the registry's tests need it. */
export interface ReadOperation {
  /** Path below the base URL; parameters are in braces. */
  readonly path: string;
  readonly tag: string;
  readonly scope: string;
  readonly pathParameters: readonly string[];
  readonly queryParameters: readonly string[];
  readonly shape: 'list' | 'single';
  /** Whether the document has an example of the answer, which other tests convert. */
  readonly hasExample: boolean;
  /** Schemas of a row's fields, by name. */
  readonly fields: Readonly<Record<string, FieldSchema>>;
}

const field = z.object({
  type: z.union([z.string(), z.array(z.string())]),
  format: z.string().optional(),
  items: z.object({ type: z.string() }).optional(),
});
export type FieldSchema = z.infer<typeof field>;

const reference = z.object({ $ref: z.string().startsWith('#/components/schemas/') });
const document = z.object({
  servers: z.tuple([z.object({ url: z.url() })]),
  paths: z.record(
    z.string(),
    z.object({
      get: z
        .object({
          tags: z.tuple([z.string()]),
          'x-required-scope': z.string(),
          parameters: z.array(z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']) })).default([]),
          responses: z.object({
            200: z.object({
              content: z.object({
                'application/json': z.object({ schema: reference, example: z.object({}).optional() }),
              }),
            }),
          }),
        })
        .optional(),
    }),
  ),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});

const envelope = z.object({
  properties: z.object({ data: z.union([reference, z.object({ type: z.literal('array'), items: reference })]) }),
});
const row = z.object({ properties: z.record(z.string(), field) });

const basePath = '/api/public/v1';

export function readOperations(): ReadOperation[] {
  const file = new URL('../../lambdas/contract/openapi.json', import.meta.url);
  const { paths, components } = document.parse(JSON.parse(readFileSync(file, 'utf8')));
  const resolve = ({ $ref }: z.infer<typeof reference>) => components.schemas[$ref.slice($ref.lastIndexOf('/') + 1)];
  return Object.entries(paths).flatMap(([path, { get }]) => {
    if (!get) return [];
    const { schema, example } = get.responses[200].content['application/json'];
    const { data } = envelope.parse(resolve(schema)).properties;
    const named = (place: string) => get.parameters.filter((one) => one.in === place).map(({ name }) => name);
    return {
      path: path.slice(basePath.length),
      tag: get.tags[0],
      scope: get['x-required-scope'],
      pathParameters: named('path'),
      queryParameters: named('query'),
      shape: 'items' in data ? 'list' : 'single',
      hasExample: example !== undefined,
      fields: row.parse(resolve('items' in data ? data.items : data)).properties,
    } as const;
  });
}
