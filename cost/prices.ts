/** AWS prices in us-east-1, in US dollars. prices.csv is the only table of prices. */

import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';

const price = z.object({
  service: z.string(),
  what: z.string(),
  /** Price of `per` units, in dollars. */
  usd: z.coerce.number().positive(),
  per: z.coerce.number().positive(),
  /** Number of units that every account gets for free each month, for ever. */
  free: z.coerce.number().nonnegative(),
  /** Page on which AWS publishes the price. */
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
  'kms.requests',
] as const;
export type PriceId = (typeof priceIds)[number];
export type Prices = Readonly<Record<PriceId, z.infer<typeof price>>>;

/** Reads prices.csv. @throws ZodError if a price is missing or cannot be read */
export function readPrices(): Prices {
  const rows = z
    .array(z.object({ id: z.string() }).loose())
    .parse(parse(readFileSync(new URL('./prices.csv', import.meta.url)), { columns: true }));
  return z.record(z.enum(priceIds), price).parse(Object.fromEntries(rows.map(({ id, ...rest }) => [id, rest])));
}
