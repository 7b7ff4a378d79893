/** Environment variables of the functions: names and parsers, used by both the constructs and the handlers. */

import { z } from 'zod';
import { customColumns } from './custom-columns.ts';
import { personalChoice } from './personal-data.ts';
import { watchedQueues } from './problems.ts';

const positive = z.coerce.number().int().positive();
const notNegative = z.coerce.number().int().min(0);
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('has to be JSON');
    return z.NEVER;
  }
});

const variables = {
  /** Name of the workspace; also a dimension of its metrics. */
  WORKSPACE: z.string().min(1),
  LAKE_BUCKET: z.string().min(1),
  /** Base URL of the API, ending in `/api/public/v1`. */
  API_BASE_URL: z.url(),
  API_KEY_SECRET_ARN: z.string().min(1),
  EXTRACT_QUEUE_URL: z.url(),
  CONVERT_QUEUE_URL: z.url(),
  PUBLISH_QUEUE_URL: z.url(),
  EVENT_BUS_NAME: z.string().min(1),
  /** Comma-separated stream names, or `all`. */
  STREAMS: z.string().min(1),
  /** ISO time. Older leads are not read. Empty: no limit. */
  START_DATE: z.union([z.literal(''), z.iso.datetime()]),
  /** Changes are requested from this long before the watermark. */
  LOOKBACK_HOURS: positive,
  /** Days between complete readings of a list. On other days only its changes are read. */
  REREAD_DAYS: positive,
  /** Days after which the children of a parent are read again even if the parent has not changed. */
  CHILD_REREAD_DAYS: positive,
  /** The children of a job, run or import are read each night until it has not changed for this long. */
  SETTLED_DAYS: positive,
  /** Minimum wait before the pipeline asks again for a row that the API did not return. */
  CONFIRM_AFTER_SECONDS: notNegative,
  /** How long old snapshots of the current tables are kept. */
  SNAPSHOT_DAYS: positive,
  /** Glue database of the current tables. Empty: there is no Glue catalog. */
  GLUE_DATABASE: z.string(),
  /** Concurrent requests of one task. */
  IN_FLIGHT: positive,
  /** Hours after which a run reads no more, and publishes what it has read. */
  RUN_DEADLINE_HOURS: positive,
  /** Value of the `limit` parameter, for lists that have one in the API's OpenAPI document. */
  PAGE_SIZE: positive,
  /** API budget of the workspace. The functions that extract and those that refresh share it. */
  REQUESTS_PER_MINUTE: positive,
  /** Most functions that extract at the same time. */
  EXTRACT_CONCURRENCY: positive,
  /** Most functions that refresh at the same time; 0 if webhooks are switched off. */
  REFRESH_CONCURRENCY: notNegative,
  /** How often a message is received before it moves to its dead-letter queue. */
  MAX_RECEIVE_COUNT: positive,
  /** Wait before a failed message is tried again. Doubles with each receive. */
  RETRY_BASE_SECONDS: positive,
  /** Wait before publish checks the run again. Grows up to ten times this. */
  PUBLISH_CHECK_SECONDS: positive,
  REFRESH_QUEUE_URL: z.url(),
  EXPORT_QUEUE_URL: z.url(),
  WEBHOOK_SECRET_ARN: z.string().min(1),
  /** How long a signing secret stays valid after a rotation. */
  PREVIOUS_SECRET_HOURS: positive,
  /** JSON: the bucket into which the vendor puts its export files. Empty: none is configured. */
  EXPORT_SOURCE: z.string(),
  EXPORT_FIRST_POLL_SECONDS: positive,
  EXPORT_SLOWEST_POLL_SECONDS: positive,
  EXPORT_DEADLINE_HOURS: positive,
  /** A nightly run counts as missing if none has ended for this many hours. */
  EXPECTED_HOURS: positive,
  /** JSON: the queues that the watcher checks. */
  WATCHED_QUEUES: json.pipe(watchedQueues),
  /** JSON: the personal data that is dropped or hashed. */
  PERSONAL_DATA: json.pipe(personalChoice),
  /** JSON: the columns that the workspace adds to tables. */
  CUSTOM_COLUMNS: json.pipe(customColumns),
  /** Secret that holds the key for hashing personal data. Empty: nothing is hashed. */
  HASH_KEY_SECRET_ARN: z.string(),
  /** Key of the page that publish writes at the end of a run. */
  PAGE_KEY: z.string().min(1),
  /** Flags with which commands find the folder of a local run, for the page. Empty: the workspace is deployed. */
  LOCAL_FLAGS: z.string(),
  /** Share of a table, 0 to 1, that one reading or one export may delete. */
  MAX_DELETED_SHARE: z.coerce.number().min(0).max(1),
} as const;

export type EnvironmentName = keyof typeof variables;

/** Variables of the functions that report problems to a person: nights that are missing, work that was given up. */
const watching = ['WORKSPACE', 'LAKE_BUCKET', 'EVENT_BUS_NAME', 'EXPECTED_HOURS', 'WATCHED_QUEUES'] as const;
/** Variables of all functions that work on runs. */
const working = ['EXTRACT_QUEUE_URL', 'PUBLISH_QUEUE_URL', 'CUSTOM_COLUMNS', 'REQUESTS_PER_MINUTE'] as const;
/** Further variables of those that read from the API. */
const reading = [
  'REFRESH_QUEUE_URL',
  'EXTRACT_CONCURRENCY',
  'REFRESH_CONCURRENCY',
  'API_BASE_URL',
  'API_KEY_SECRET_ARN',
  'PAGE_SIZE',
  'IN_FLIGHT',
  'PERSONAL_DATA',
  'HASH_KEY_SECRET_ARN',
] as const;
/** Further variables of those that publish runs. */
const publishing = [
  'WORKSPACE',
  'LAKE_BUCKET',
  'EVENT_BUS_NAME',
  'EXPECTED_HOURS',
  'GLUE_DATABASE',
  'PUBLISH_CHECK_SECONDS',
  'LOOKBACK_HOURS',
  'CHILD_REREAD_DAYS',
  'SETTLED_DAYS',
  'CONFIRM_AFTER_SECONDS',
  'MAX_DELETED_SHARE',
  'SNAPSHOT_DAYS',
  'PAGE_KEY',
  'LOCAL_FLAGS',
] as const;

/** Variables of each function. The stack sets exactly these, and the handler parses exactly these. */
export const functionEnvironment = {
  plan: [
    'WORKSPACE',
    'LAKE_BUCKET',
    'API_BASE_URL',
    'API_KEY_SECRET_ARN',
    'EXTRACT_QUEUE_URL',
    'PUBLISH_QUEUE_URL',
    'STREAMS',
    'CUSTOM_COLUMNS',
    'START_DATE',
    'LOOKBACK_HOURS',
    'REREAD_DAYS',
    'RUN_DEADLINE_HOURS',
    'PUBLISH_CHECK_SECONDS',
  ],
  extract: [
    'WORKSPACE',
    'LAKE_BUCKET',
    ...working,
    ...reading,
    'CONVERT_QUEUE_URL',
    'MAX_RECEIVE_COUNT',
    'RETRY_BASE_SECONDS',
  ],
  convert: [
    'LAKE_BUCKET',
    'CONVERT_QUEUE_URL',
    'PUBLISH_QUEUE_URL',
    'PERSONAL_DATA',
    'CUSTOM_COLUMNS',
    'HASH_KEY_SECRET_ARN',
    'MAX_RECEIVE_COUNT',
    'RETRY_BASE_SECONDS',
  ],
  publish: [...working, ...publishing, 'PERSONAL_DATA', 'WATCHED_QUEUES', 'MAX_RECEIVE_COUNT', 'RETRY_BASE_SECONDS'],
  webhook: ['REFRESH_QUEUE_URL', 'WEBHOOK_SECRET_ARN'],
  refresh: [
    ...working,
    ...reading,
    ...publishing,
    'CONVERT_QUEUE_URL',
    'EXPORT_QUEUE_URL',
    'STREAMS',
    'START_DATE',
    'REREAD_DAYS',
    'RUN_DEADLINE_HOURS',
  ],
  export: [
    'WORKSPACE',
    'LAKE_BUCKET',
    'API_BASE_URL',
    'API_KEY_SECRET_ARN',
    'REQUESTS_PER_MINUTE',
    'STREAMS',
    'EXPORT_QUEUE_URL',
    'EXTRACT_QUEUE_URL',
    'CONVERT_QUEUE_URL',
    'PUBLISH_QUEUE_URL',
    'EVENT_BUS_NAME',
    'EXPORT_SOURCE',
    'EXPORT_FIRST_POLL_SECONDS',
    'EXPORT_SLOWEST_POLL_SECONDS',
    'EXPORT_DEADLINE_HOURS',
    'MAX_DELETED_SHARE',
    'RUN_DEADLINE_HOURS',
    'PUBLISH_CHECK_SECONDS',
    'MAX_RECEIVE_COUNT',
    'RETRY_BASE_SECONDS',
  ],
  register: [
    'WORKSPACE',
    'API_BASE_URL',
    'API_KEY_SECRET_ARN',
    'REQUESTS_PER_MINUTE',
    'WEBHOOK_SECRET_ARN',
    'PREVIOUS_SECRET_HOURS',
  ],
  watch: watching,
  reconcile: [
    'WORKSPACE',
    'EVENT_BUS_NAME',
    'LAKE_BUCKET',
    'API_BASE_URL',
    'API_KEY_SECRET_ARN',
    'REQUESTS_PER_MINUTE',
    'WEBHOOK_SECRET_ARN',
  ],
} as const satisfies Record<string, readonly EnvironmentName[]>;

export type FunctionName = keyof typeof functionEnvironment;

type Environment<N extends readonly EnvironmentName[]> = { [K in N[number]]: z.infer<(typeof variables)[K]> };

/**
 * Parses the environment of a function.
 * @throws z.ZodError naming each variable that is missing or wrong
 */
export function readEnvironment<F extends FunctionName>(
  name: F,
  environment: NodeJS.ProcessEnv,
): Environment<(typeof functionEnvironment)[F]> {
  const shape = Object.fromEntries(functionEnvironment[name].map((key) => [key, variables[key]]));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript cannot infer that the shape has exactly the function's variables
  return z.object(shape).parse(environment) as Environment<(typeof functionEnvironment)[F]>;
}

/** Service name of the logs and metrics, and namespace of the metrics. */
export const serviceName = 'prospect-lake';
export const metricsNamespace = 'ProspectLake';
