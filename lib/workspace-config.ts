import { z } from 'zod';
import { webhookEvents } from '../lambdas/contract/webhook.ts';
import { streams } from '../lambdas/streams/registry.ts';
import { cronProblem } from './cron.ts';
import { timezoneProblem } from './timezone.ts';

/**
 * The configuration of a deployment: one workspace of ProspectB2B each, in stacks of its own. Everything
 * but the name has a default. What is not known here is refused, so that a misspelled field is an error.
 */

/** Days for which CloudWatch can keep a log. */
const logDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const whole = (low: number, high: number) =>
  z
    .int(`has to be a whole number from ${low} to ${high}`)
    .min(low, `has to be ${low} or more`)
    .max(high, `has to be ${high} or less`);

const startDate = z
  .union([z.iso.date(), z.iso.datetime()], {
    error: "has to be a UTC date such as '2024-01-31' or '2024-01-31T12:00:00Z'",
  })
  .transform((text) => new Date(text).toISOString());

export const workspaceFields = z.strictObject({
  /** Short name of the workspace: part of the names of its stacks, bucket, database and secret. Never change it. */
  name: z
    .string('has to be given: a short name for the workspace')
    .regex(
      /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      "has to be lower-case letters, digits and single hyphens, beginning with a letter: 'main'",
    )
    .max(20, 'has to be at most 20 characters long, so that a bucket name made of it fits'),

  /** AWS account and region. @default those of the credentials that deploy */
  account: z
    .string('has to be text, in quotes')
    .regex(/^\d{12}$/, 'has to be the 12 digits of an AWS account')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "has to be an AWS region such as 'eu-central-1'")
    .optional(),

  /** Base URL of the API. @default the vendor's */
  apiBaseUrl: z
    .url('has to be a URL')
    .regex(/^(https:|http:\/\/(127\.0\.0\.1|localhost)[:/])/, 'has to be an https URL: the key goes with each request')
    .endsWith('/api/public/v1', "has to end in '/api/public/v1'")
    .default('https://login.prospectb2b.com/api/public/v1'),

  /** When the load begins. @default every night at two, UTC */
  schedule: z
    .strictObject({
      /** The six fields of an EventBridge Scheduler cron expression. */
      cron: problemFree(cronProblem).default('0 2 * * ? *'),
      /** A name of the IANA database. */
      timezone: problemFree(timezoneProblem).default('Etc/UTC'),
    })
    .prefault({}),
  /** The load begins at some minute of this window. 0: on the dot. @default 30 */
  flexibleWindowMinutes: whole(0, 1440).default(30),

  /** Streams to read. A child is read once per row of its parent, so the parent has to be on as well. @default 'all' */
  streams: z
    .union([z.literal('all'), z.array(z.string())], { error: "has to be 'all' or a list of at least one stream" })
    .default('all'),
  /** Leads that did not change since are left out of the first load. @default none: everything is read */
  startDate: startDate.optional(),

  /** Rows asked for in one request, where the API takes a limit. @default 100 */
  pageSize: whole(1, 1000).default(100),
  /** What the workspace may ask of the API in a minute, over all functions. @default 60 */
  requestsPerMinute: whole(2, 100_000).default(60),
  /** Functions that read the API at once; the requests are divided among them. @default 4 */
  concurrency: whole(2, 1000).default(4),
  /** Days of leads that one task of a first load covers. @default 30 */
  sliceDays: whole(1, 3650).default(30),
  /** Hours after which a run ends with what it has. Until then its streams are not planned again. @default 72 */
  runDeadlineHours: whole(1, 240).default(72),

  /** Webhooks of the vendor, for refreshes within minutes. */
  webhooks: z
    .strictObject({
      /** Off: no endpoint is registered and no event taken. @default true */
      enabled: z.boolean('has to be true or false').default(true),
      /** @default all of them */
      events: z
        .array(z.enum(webhookEvents, `has to be a list of events: ${webhookEvents.join(', ')}`))
        .min(1, 'has to name at least one event; to take none, set enabled to false')
        .default([...webhookEvents]),
      /** Events are gathered for this long and refreshed together. @default 30 */
      windowSeconds: whole(1, 300).default(30),
      /** Events that are refreshed together at most. @default 1000 */
      batchSize: whole(1, 10_000).default(1_000),
    })
    .prefault({}),
  /** Export jobs: bulk snapshots of all leads, and what shows that a lead was deleted. */
  exports: z
    .strictObject({
      /** When an export is started, as a cron expression; 'off': never. @default Sundays at three */
      cron: z.union([z.literal('off'), problemFree(cronProblem)]).default('0 3 ? * SUN *'),
      /** Where the vendor's files are put, so that they can be loaded. @default none: a ready export is announced */
      source: z
        .strictObject({
          bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'has to be the name of a bucket'),
          /** Put before the file's key; with a slash at its end, where it is a folder. */
          prefix: z.string().default(''),
          /** Role to assume for reading. */
          roleArn: z
            .string()
            .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'has to be the ARN of a role')
            .optional(),
        })
        .optional(),
      /** Wait before the first look at an export; doubles up to the slowest. @default 15 */
      firstPollSeconds: whole(1, 900).default(15),
      slowestPollSeconds: whole(1, 900).default(900),
      /** An export that is not ready after this has failed. @default 12 */
      deadlineHours: whole(1, 240).default(12),
      /** Share of the leads that one export may show as deleted without a person's approval. @default 0.05 */
      maxDeletedShare: z.number().min(0, 'has to be 0 or more').max(1, 'has to be 1 or less').default(0.05),
    })
    .prefault({}),

  /** Days that things are kept. The tables themselves are kept for ever. */
  retention: z
    .strictObject({
      /** Answers of the API as they came. @default 30 */
      rawDays: whole(1, 3650).default(30),
      /** Plans and receipts of the runs. @default 90 */
      runDays: whole(1, 3650).default(90),
      /** Logs of the functions, and of who read the bucket. @default 90 */
      logDays: z.literal(logDays, { error: `has to be one of ${logDays.join(', ')}` }).default(90),
    })
    .prefault({}),

  /** Takes the alarms, once the address has confirmed AWS's mail to it. @default none: only the topic has them */
  alarmEmail: z.email("has to be an e-mail address such as 'data@example.com'").optional(),
  /** Without a nightly run that ended in so many hours there is an alarm: the schedule's longest pause and some slack. @default 26 */
  runExpectedHours: whole(2, 168).default(26),

  /** Most that one Athena query may scan, in GiB. @default 100 */
  athenaScanLimitGiB: whole(1, 100_000).default(100),
  /** Your own key for the bucket, the secret and query results. @default keys that AWS manages */
  kmsKeyArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
      'has to be the ARN of a KMS key (not of an alias)',
    )
    .optional(),
  /** Tags on every resource. */
  tags: z.record(z.string(), z.string().max(256, 'has to be at most 256 characters long')).default({}),
  /** `retain` keeps the data when its stack is deleted, and protects the stack from that. @default 'retain' */
  removalPolicy: z.enum(['retain', 'destroy'], "has to be 'retain' or 'destroy'").default('retain'),
});

export const workspaceConfig = workspaceFields.check(({ value, issues }) => {
  const refuse = (path: (string | number)[], message: string) =>
    issues.push({ code: 'custom', input: value, path, message });
  for (const key of Object.keys(value.tags)) {
    if (!/^(?!aws:).{1,128}$/i.test(key))
      refuse(['tags', key], "the key has to be 1 to 128 characters long and not begin with 'aws:'");
  }
  if (value.streams.length === 0) refuse(['streams'], "has to be 'all' or a list of at least one stream");
  for (const [index, problem] of streamProblems(value.streams)) refuse(['streams', index], problem);
  if (value.requestsPerMinute < value.concurrency) {
    refuse(
      ['requestsPerMinute'],
      `has to be at least the concurrency (${value.concurrency}): each function needs a request a minute`,
    );
  }
  for (const field of ['rawDays', 'runDays'] as const) {
    const least = Math.ceil(value.runDeadlineHours / 24) + 1;
    if (value.retention[field] < least) {
      refuse(
        ['retention', field],
        `has to be ${least} or more, so that a run of ${value.runDeadlineHours} hours finds its own objects`,
      );
    }
  }
  if (value.kmsKeyArn && value.region && value.kmsKeyArn.split(':')[3] !== value.region) {
    refuse(['kmsKeyArn'], `has to be a key of the region ${value.region}`);
  }
});

/** One workspace, with its defaults filled in. */
export type WorkspaceConfig = z.output<typeof workspaceConfig>;
/** One workspace, as a person writes it. */
export type WorkspaceInput = z.input<typeof workspaceConfig>;

function problemFree(problemOf: (text: string) => string | undefined) {
  return z.string().check(({ value, issues }) => {
    const message = problemOf(value);
    if (message) issues.push({ code: 'custom', input: value, message });
  });
}

function* streamProblems(chosen: 'all' | readonly string[]): Generator<[index: number, problem: string]> {
  if (chosen === 'all') return;
  for (const [index, name] of chosen.entries()) {
    const stream = streams.find((candidate) => candidate.name === name);
    const parent = stream?.parent?.stream;
    if (!stream)
      yield [index, `there is no stream '${name}'; the streams are ${streams.map((known) => known.name).join(', ')}`];
    else if (parent && !chosen.includes(parent))
      yield [index, `'${name}' is read once per row of '${parent}': add '${parent}' to the list`];
  }
}
