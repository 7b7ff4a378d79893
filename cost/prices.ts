import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What the services cost, from prices.json: the one table of prices. */

const price = z.strictObject({
  service: z.string(),
  what: z.string(),
  /** For `per` of what is counted. */
  usd: z.number().positive(),
  per: z.number().positive(),
  /** What AWS gives every account each month for nothing, for ever. Not taken off unless it is asked for. */
  free: z.number().nonnegative(),
  /** Where AWS publishes it. */
  official: z.url(),
  /** Where the number was read; null: nowhere, and it is not verified. */
  source: z.url().nullable(),
  /** Of the source, as far as it says. */
  date: z
    .string()
    .regex(/^\d{4}(-\d{2}-\d{2})?$/)
    .nullable(),
});
export type Price = z.infer<typeof price>;

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
  'logs.stored',
  'athena.scanned',
  'glue.requests',
  'kms.keys',
  'kms.requests',
  'sns.mails',
] as const;
export type PriceId = (typeof priceIds)[number];

const table = z.strictObject({
  region: z.string(),
  currency: z.literal('USD'),
  prices: z.record(z.enum(priceIds), price),
});
export type PriceTable = z.infer<typeof table>;

/** @throws ZodError where a price is missing, or one is there that nothing counts */
export function readPrices(): PriceTable {
  return table.parse(JSON.parse(readFileSync(new URL('./prices.json', import.meta.url), 'utf8')));
}
