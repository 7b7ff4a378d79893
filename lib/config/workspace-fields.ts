/**
 * The fields of a workspace. Unknown fields are refused, so that a misspelled field is an error. `npm run generate`
 * makes docs/configuration.md from the descriptions and defaults.
 */

import { z } from 'zod';
import { personalClasses } from '../../lambdas/contract/personal-data.ts';
import { webhookEvents } from '../../lambdas/contract/webhook.ts';
import { apiBaseUrlProblem } from './api-base-url.ts';
import { cronProblem } from './cron.ts';
import { deletions, reading } from './reading-fields.ts';
import { regionProblem } from './region.ts';
import { timezoneProblem } from './timezone.ts';
import { wholeNumber } from './whole-number.ts';

/** Retention periods that CloudWatch Logs supports, in days. */
const logDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const startDate = z
  .union([z.iso.date(), z.iso.datetime()], {
    error: "has to be a UTC date such as '2024-01-31' or '2024-01-31T12:00:00Z'",
  })
  .transform((text) => new Date(text).toISOString());

const schedule = z.strictObject({
  cron: problemFree(cronProblem)
    .default('0 2 * * ? *')
    .describe('The six fields of an EventBridge Scheduler cron expression. By default every night at two.'),
  timezone: problemFree(timezoneProblem).default('Etc/UTC').describe('A name of the IANA database.'),
});

const eventsWanted = `has to be a list of events: ${webhookEvents.join(', ')}`;

const webhooks = z.strictObject({
  enabled: z
    .boolean('has to be true or false')
    .default(true)
    .describe('Off: no endpoint is registered at the vendor and no event taken.'),
  events: z
    .array(z.enum(webhookEvents, eventsWanted), eventsWanted)
    .refine((events) => events.length > 0, 'has to name at least one event; to take none, set enabled to false')
    .default([...webhookEvents])
    .describe('Events to take. By default all of them.'),
  windowSeconds: wholeNumber(1, 300).default(30).describe('Events are gathered for this long and refreshed together.'),
  batchSize: wholeNumber(1, 10_000).default(1_000).describe('Events that are refreshed together at most.'),
  previousSecretHours: wholeNumber(1, 720)
    .default(24)
    .describe('How long the old secret is accepted after a rotation.'),
});

const exportSource = z.strictObject({
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'has to be the name of a bucket')
    .describe('Bucket that the files are put into.'),
  prefix: z.string().default('').describe("Put before the file's key; with a slash at its end, where it is a folder."),
  roleArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'has to be the ARN of a role')
    .optional()
    .describe('Role to assume for reading, where the bucket is of another account.'),
});

const exports = z.strictObject({
  cron: z
    .union([z.literal('off'), problemFree(cronProblem)], { error: ofLastChoice })
    .default('0 3 ? * SUN *')
    .describe("When an export is started, as a cron expression; 'off': never. By default Sundays at three."),
  source: exportSource
    .optional()
    .describe(
      'Where you have the vendor’s files put, so that they can be loaded. Without it a ready export is announced.',
    ),
  firstPollSeconds: wholeNumber(1, 900)
    .default(15)
    .describe('Wait before the first look at an export; doubles up to the slowest.'),
  slowestPollSeconds: wholeNumber(1, 900).default(900).describe('Longest wait between two looks at an export.'),
  deadlineHours: wholeNumber(1, 240).default(12).describe('An export that is not ready after this has failed.'),
});

const entries = z.array(z.string('has to be text'), 'has to be a list').default([]);

const personalData = z.strictObject({
  drop: entries.describe(
    `What stays null in every table: classes (${Object.keys(personalClasses).join(', ')}), or columns as 'table.column'. More: [personal-data.md](personal-data.md).`,
  ),
  hash: entries.describe(
    'What is written as HMAC-SHA256 in hex, the same for the same value in every table and run; keyed by the secret prospect-lake/<name>/hash-key. Classes or columns, as for drop.',
  ),
});

const retention = z.strictObject({
  rawDays: wholeNumber(1, 3650)
    .default(30)
    .describe('Days that answers of the API are kept as they came, personal data included.'),
  runDays: wholeNumber(1, 3650).default(30).describe('Days that plans and receipts of the runs are kept.'),
  logDays: z
    .literal(logDays, { error: `has to be one of ${logDays.join(', ')}` })
    .default(90)
    .describe('Days that logs of the functions, and of who read the bucket, are kept.'),
  historyDays: wholeNumber(14, 36_500)
    .optional()
    .describe(
      'Days that the history is kept: every version that was ever read, rejected rows, loaded exports and webhook events. The current tables do not depend on it. Without it: for ever.',
    ),
  snapshotDays: wholeNumber(1, 365)
    .default(7)
    .describe('Days for which the current tables can be queried as they were.'),
});

export const workspaceFields = z.strictObject({
  name: z
    .string('has to be given: a short name for the workspace')
    .regex(
      /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      "has to be lower-case letters, digits and single hyphens, beginning with a letter: 'main'",
    )
    .max(20, 'has to be at most 20 characters long, so that a bucket name made of it fits')
    .describe(
      'Short name of the workspace: part of the names of its stacks, bucket, database and secrets. Never change it.',
    ),
  account: z
    .string('has to be text, in quotes')
    .regex(/^\d{12}$/, 'has to be the 12 digits of an AWS account')
    .optional()
    .describe('AWS account. Without it: that of the credentials that deploy.'),
  region: problemFree(regionProblem)
    .optional()
    .describe('AWS region. Without it: that of the credentials that deploy.'),
  apiBaseUrl: problemFree(apiBaseUrlProblem)
    .default('https://login.prospectb2b.com/api/public/v1')
    .describe('Base URL of the API.'),

  schedule: schedule.prefault({}).describe('When the load begins.'),
  flexibleWindowMinutes: wholeNumber(0, 1440)
    .default(30)
    .describe('The load begins at some minute of this window. 0: on the dot.'),

  streams: z
    .union([z.literal('all'), z.array(z.string())], { error: "has to be 'all' or a list of at least one stream" })
    .default('all')
    .describe('Streams to read. A child is read once per row of its parent, so the parent has to be on as well.'),
  startDate: startDate
    .optional()
    .describe('UTC date or time. Leads that did not change since are left out of the first load. Without it: none.'),

  pageSize: wholeNumber(1, 1000).default(100).describe('Rows asked for in one request, where the API takes a limit.'),
  requestsPerMinute: wholeNumber(2, 100_000)
    .default(60)
    .describe('What the workspace may ask of the API in a minute, over all functions.'),
  concurrency: wholeNumber(2, 1000)
    .default(2)
    .describe(
      'Functions that read the API at once; the requests are divided among them, and their waits are billed. Two are enough while an answer takes less than 120 seconds divided by `requestsPerMinute`.',
    ),
  inFlight: wholeNumber(1, 64)
    .default(8)
    .describe('Requests that one task may have under way at once; `requestsPerMinute` holds all the same.'),
  reading: reading.prefault({}).describe('What a night reads, beside what has changed.'),
  deletions: deletions.prefault({}).describe('When a row counts as deleted.'),
  runDeadlineHours: wholeNumber(1, 240)
    .default(72)
    .describe('Hours after which a run ends with what it has. Until then its streams are not planned again.'),

  webhooks: webhooks.prefault({}).describe('Webhooks of the vendor, for refreshes within minutes.'),
  exports: exports
    .prefault({})
    .describe('Export jobs: bulk snapshots of all leads, and what shows that a lead was deleted.'),
  personalData: personalData.prefault({}).describe('What is kept out of the tables.'),
  retention: retention
    .prefault({})
    .describe('How long things are kept. Tables are kept for ever unless told otherwise.'),

  alarmEmail: z
    .email("has to be an e-mail address such as 'data@example.com'")
    .optional()
    .describe('Takes the alarms, once the address has confirmed AWS’s mail to it. Without it only the topic has them.'),
  runExpectedHours: wholeNumber(2, 9_000)
    .optional()
    .describe(
      'If no nightly run has ended for so many hours, somebody is told. Without it: the longest pause of the schedule, its window and two hours more, which is 27 for every night.',
    ),

  dashboard: z
    .boolean('has to be true or false')
    .default(false)
    .describe('A dashboard in CloudWatch, which costs $3 a month beyond the three that an account has for nothing.'),

  athenaScanLimitGiB: wholeNumber(1, 100_000).default(100).describe('Most that one Athena query may scan, in GiB.'),
  kmsKeyArn: z
    .string('has to be text, in quotes')
    .regex(
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/,
      'has to be the ARN of a KMS key (not of an alias), ending in its id, as KMS shows it',
    )
    .optional()
    .describe(
      'Your own key for the bucket, secrets, queues, logs, alarms and query results; what its policy has to allow is in [encryption.md](encryption.md). Without it: keys that AWS manages.',
    ),
  tags: z
    .record(z.string(), z.string().max(256, 'has to be at most 256 characters long'))
    .default({})
    .describe('Tags on every resource.'),
  removalPolicy: z
    .enum(['retain', 'destroy'], "has to be 'retain' or 'destroy'")
    .default('retain')
    .describe("'retain' keeps the data when its stack is deleted, and protects the stack from that."),
});

function problemFree(problemOf: (text: string) => string | undefined) {
  return z.string('has to be text, in quotes').check(({ value, issues }) => {
    const message = problemOf(value);
    if (message) issues.push({ code: 'custom', input: value, message });
  });
}

/** For a field with several forms: the error message of the last form. The other forms are literals. */
function ofLastChoice(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string | undefined {
  return issue.errors?.at(-1)?.[0]?.message;
}
