/**
 * The fields of a workspace. Unknown fields are refused, so that a misspelled field is an error. `npm run generate`
 * makes docs/configuration.md and workspace-input.ts from the descriptions and defaults.
 */

import { z } from 'zod';
import { customColumns } from '../../lambdas/contract/custom-columns.ts';
import { personalClasses } from '../../lambdas/contract/personal-data.ts';
import type { StreamName } from '../../lambdas/streams/registry.ts';
import { alarmTopicArn } from './alarm-topic-field.ts';
import { apiBaseUrlProblem } from './api-base-url.ts';
import { cronProblem } from './cron.ts';
import { kmsKeyArn } from './kms-key-field.ts';
import { deletions, reading } from './reading-fields.ts';
import { regionProblem } from './region.ts';
import { retention } from './retention-fields.ts';
import { timezoneProblem } from './timezone.ts';
import { vpc } from './vpc-fields.ts';
import { webhooks } from './webhook-fields.ts';
import { requestsPerMinuteBounds, wholeNumber } from './whole-number.ts';

const startDate = z
  .union([z.iso.date(), z.iso.datetime()], {
    error: "has to be a UTC date such as '2024-01-31' or '2024-01-31T12:00:00Z'",
  })
  .refine(
    (text) => Date.parse(text) <= Date.now(),
    'is in the future, so no lead would be loaded: leave it out, or write the date from which on leads are wanted',
  )
  .transform((text) => new Date(text).toISOString());

const schedule = z.strictObject({
  cron: problemFree(cronProblem)
    .default('0 2 * * ? *')
    .describe(
      'The six fields of an EventBridge Scheduler cron expression: minute, hour, day of the month, month, day of the week, year. Either the day of the month or the day of the week is `?`. The default is every night at 02:00.',
    ),
  timezone: problemFree(timezoneProblem)
    .default('Etc/UTC')
    .describe("IANA name, such as 'Europe/Zurich'. Also for `exports.cron` and the reconciliation of deliveries."),
});

const exportSource = z.strictObject({
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "has to be the name of a bucket, such as 'my-files'")
    .describe('Bucket that holds the files.'),
  prefix: z.string().default('').describe("Put before the file's key. If it is a folder, it has to end with a slash."),
  roleArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'has to be the ARN of a role')
    .optional()
    .describe('Role to assume for reading, if the bucket belongs to another account.'),
});

const exportCronProblem = (text: string) => {
  const problem = cronProblem(text);
  return problem && `${problem} Write 'off' to start no export.`;
};

const exports = z.strictObject({
  cron: z
    .union([z.literal('off'), problemFree(exportCronProblem)], { error: ofLastChoice })
    .default('0 3 ? * SUN *')
    .describe("When an export is started, as a cron expression, or 'off'. The default is Sundays at 03:00."),
  source: exportSource
    .optional()
    .describe(
      'Where you have the vendor’s files copied to, so that they can be loaded. Without it, a ready export is only announced.',
    ),
  firstPollSeconds: wholeNumber(1, 900)
    .default(15)
    .describe('Wait before an export is first checked. Each later wait is twice as long, up to `slowestPollSeconds`.'),
  slowestPollSeconds: wholeNumber(1, 900).default(900).describe('Longest wait between two checks of an export.'),
  deadlineHours: wholeNumber(1, 240).default(12).describe('An export that is not ready by then has failed.'),
});

const entries = z.array(z.string('has to be text'), "has to be a list, such as ['email']").default([]);

const personalData = z.strictObject({
  drop: entries.describe(
    `Values that are left null in every table: classes (${Object.keys(personalClasses).join(', ')}), or columns as 'table.column'. More: [personal-data.md](personal-data.md).`,
  ),
  hash: entries.describe(
    'Values that are written as HMAC-SHA256 in hex: classes or columns, as for `drop`. The same value has the same hash in every table and run. The key is the secret prospect-lake/<name>/hash-key.',
  ),
});

/** Any text: workspace-config.ts refuses one that names no stream. */
const streamName = z.string().pipe(z.custom<StreamName>());
export const streamsWanted = "has to be 'all' or a list of at least one stream, such as ['leads']";

export const workspaceFields = z.strictObject({
  name: z
    .string('has to be given: a short name for the workspace')
    .regex(
      /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      "has to be lower-case letters, digits and single hyphens, and begin with a letter, such as 'main'",
    )
    .max(20, 'has to be at most 20 characters long, so that a bucket name made of it fits')
    .describe(
      'Short name of the workspace: part of the names of its stacks, bucket, database and secrets. Never change it.',
    ),
  account: z
    .string('has to be text, in quotes')
    .regex(/^\d{12}$/, 'has to be the 12 digits of an AWS account')
    .optional()
    .describe('AWS account. Without it, the account of the credentials that deploy.'),
  region: problemFree(regionProblem)
    .optional()
    .describe("AWS region, such as 'eu-central-1'. Without it, the region of the credentials that deploy."),
  apiBaseUrl: problemFree(apiBaseUrlProblem)
    .default('https://login.prospectb2b.com/api/public/v1')
    .describe('Base URL of the API.'),

  schedule: schedule.prefault({}).describe('When the nightly run begins.'),
  flexibleWindowMinutes: wholeNumber(0, 1440)
    .default(30)
    .describe('The nightly run begins within this many minutes after the scheduled time. 0: exactly at that time.'),

  streams: z
    .union([z.literal('all'), z.array(streamName)], { error: streamsWanted })
    .default('all')
    .describe(
      "Streams to read: 'all', or their names. A child is read once for each row of its parent, so its parent has to be listed too.",
    ),
  startDate: startDate
    .optional()
    .describe(
      'UTC date or time. The first load leaves out leads that have not changed since then. Without it, all leads are loaded.',
    ),

  pageSize: wholeNumber(1, 1000).default(100).describe('Rows to ask for in one request, if the API takes a limit.'),
  requestsPerMinute: wholeNumber(requestsPerMinuteBounds.least, requestsPerMinuteBounds.most)
    .default(60)
    .describe(
      'Most requests to the API in a minute, for all functions of the workspace together. It can be exceeded for some seconds when another function begins to read.',
    ),
  concurrency: wholeNumber(2, 1000)
    .default(2)
    .describe(
      'Functions that do the work of runs at the same time. They share the budget of requests, also with the functions that serve webhooks: a function that has read alone for about 20 seconds takes all of it, until another one begins. Two can use a budget of up to some thousand requests a minute, because each has several in flight.',
    ),
  inFlight: wholeNumber(1, 64)
    .default(64)
    .describe('Most requests of a function in flight. It has as many as its rate and the time of an answer need.'),
  reading: reading.prefault({}).describe('What each night reads besides the changes.'),
  deletions: deletions.prefault({}).describe('When a row counts as deleted.'),
  runDeadlineHours: wholeNumber(1, 240)
    .default(72)
    .describe(
      'A run ends after this many hours, with what it has read. Until a run ends, its streams are not planned again.',
    ),

  webhooks: webhooks.prefault({}).describe('Webhooks of the vendor, for refreshes within minutes.'),
  exports: exports
    .prefault({})
    .describe('Export jobs: snapshots of all leads, which also show which leads were deleted.'),
  customColumns: customColumns
    .default({})
    .describe(
      "Columns for fields that the API gives and no table declares, by table and name: `{ leads: { lead_score: { type: 'integer', personal: false } } }`. Current rows get the values as they are read again, versions of the history that are written already do not. A column keeps its type. More: [custom-columns.md](custom-columns.md).",
    ),
  personalData: personalData.prefault({}).describe('Personal data to keep out of the tables.'),
  retention: retention.prefault({}).describe('How long data is kept. By default, tables are kept for ever.'),

  alarmEmail: z
    .email("has to be an e-mail address such as 'data@example.com'")
    .optional()
    .describe(
      'Receives the alarms, after you confirm the mail that AWS sends to it. Without it, alarms only go to the topic.',
    ),
  alarmTopicArn: alarmTopicArn.optional(),
  runExpectedHours: wholeNumber(2, 9_000)
    .optional()
    .describe(
      'If no nightly run has ended for this many hours, an alarm is sent. Without it: the longest pause of the schedule, plus `flexibleWindowMinutes`, plus two hours; 27 for a run every night.',
    ),

  dashboard: z
    .boolean('has to be true or false')
    .default(false)
    .describe('Creates a dashboard in CloudWatch. It costs $3 a month; the first three of an account are free.'),

  queries: z
    .string("has to be the path of a folder, such as 'queries'")
    .optional()
    .describe(
      'Folder with queries of your own, a `.sql` file each. They are saved in Athena and asked by `query --named`, as those of [queries.md](queries.md#queries-of-your-own). A relative path begins at the working directory.',
    ),
  athenaScanLimitGiB: wholeNumber(1, 100_000).default(100).describe('GiB that one Athena query may scan at most.'),
  kmsKeyArn: kmsKeyArn.optional(),
  vpc: vpc
    .optional()
    .describe(
      'Subnets of a VPC of yours in which the functions run, for example because your egress rules ask for it. What the VPC needs and costs: [vpc.md](vpc.md). Without it, they run in the network of Lambda, which reaches the internet and lets nobody in.',
    ),
  tags: z
    .record(z.string(), z.string().max(256, 'has to be at most 256 characters long'))
    .default({})
    .describe('Tags on every resource.'),
  removalPolicy: z
    .enum(['retain', 'destroy'], "has to be 'retain' or 'destroy'")
    .default('retain')
    .describe("'retain' protects the data stack from deletion, and keeps the data if the stack is deleted."),
});

function problemFree(problemOf: (text: string) => string | undefined) {
  return z.string('has to be text, in quotes').check(({ value, issues }) => {
    const message = problemOf(value);
    // Goes on, so that the checks that compare fields tell their problems too.
    if (message) issues.push({ code: 'custom', input: value, message, continue: true });
  });
}

/** For a field with several forms: the error message of the last form. The other forms are literals. */
function ofLastChoice(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string | undefined {
  return issue.errors?.at(-1)?.[0]?.message;
}
