import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';

/** What AWS charges in us-east-1, in US dollars, from prices.csv: the one table of prices. */

const price = z.object({
  service: z.string(),
  what: z.string(),
  /** For `per` of what is counted. */
  usd: z.coerce.number().positive(),
  per: z.coerce.number().positive(),
  /** What AWS gives every account each month for nothing, for ever. */
  free: z.coerce.number().nonnegative(),
  /** Where AWS publishes it. */
  official: z.url(),
});

export const priceIds = [
  'lambda.requests',
  'lambda.gbSeconds',
  's3.storage',
  's3.writes',
  's3.reads',
  'sqs.requests',
  'scheduler.invocations',
  'events.custom',
  'apigateway.requests',
  'secrets.stored',
  'secrets.calls',
  'cloudwatch.alarms',
  'cloudwatch.dashboards',
  'cloudwatch.metrics',
  'logs.ingested',
  'athena.scanned',
  'glue.requests',
  'kms.keys',
] as const;
export type PriceId = (typeof priceIds)[number];
export type Prices = Readonly<Record<PriceId, z.infer<typeof price>>>;

/** @throws ZodError if a price is missing, or cannot be read */
export function readPrices(): Prices {
  const rows = z
    .array(z.object({ id: z.string() }).loose())
    .parse(parse(readFileSync(new URL('./prices.csv', import.meta.url)), { columns: true }));
  return z.record(z.enum(priceIds), price).parse(Object.fromEntries(rows.map(({ id, ...rest }) => [id, rest])));
}
