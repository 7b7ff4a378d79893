/** Written by tools/workspace-input.ts. Change lib/config/workspace-fields.ts, then run: npm run generate */

import type { z } from 'zod';
import type { CustomColumn } from '../../lambdas/contract/custom-columns.ts';
import type { PersonalClass } from '../../lambdas/contract/personal-data.ts';
import type { StreamName } from '../../lambdas/streams/registry.ts';
import type { workspaceFields } from './workspace-fields.ts';

type Fields = z.input<typeof workspaceFields>;
/** Any text, of which an editor suggests some. The check of the configuration refuses what does not exist. */
type Suggested<Known extends string> = Known | (string & Record<never, never>);

/** Declared columns with personal data. Other columns, such as custom ones, can be named too. */
type PersonalColumn =
  | HashableColumn
  | 'exports.error_message'
  | 'jobs.result'
  | 'jobs.error'
  | 'identity.tenant'
  | 'identity.user'
  | 'settings_email.verified_senders'
  | 'settings_integrations.integrations'
  | 'lead_activities.summary'
  | 'campaign_logs.message'
  | 'import_errors.message'
  | 'job_events.message'
  | 'webhook_deliveries.payload_redacted'
  | 'webhook_deliveries.response_body_snippet'
  | 'webhook_deliveries.error_message'
  | 'campaign_run_events.summary'
  | 'rejected_rows.raw'
  | 'webhook_events.body';
/** Those whose values can be hashed and still be compared. */
type HashableColumn =
  | 'leads.full_name'
  | 'leads.email'
  | 'leads.phone'
  | 'inbox_threads.lead_name'
  | 'referrals.email'
  | 'support_tickets.subject'
  | 'support_tickets.body'
  | 'settings_profile.name'
  | 'settings_profile.email'
  | 'lead_messages.subject'
  | 'lead_messages.body'
  | 'inbox_messages.subject'
  | 'inbox_messages.body'
  | 'lead_exports.full_name'
  | 'lead_exports.email'
  | 'lead_exports.phone';

/** One workspace as a person writes it. */
export interface WorkspaceInput {
  /** Short name of the workspace: part of the names of its stacks, bucket, database and secrets. Never change it. */
  name: Fields['name'];
  /** AWS account. Without it, the account of the credentials that deploy. */
  account?: Fields['account'];
  /** AWS region, such as 'eu-central-1'. Without it, the region of the credentials that deploy. */
  region?: Fields['region'];
  /** Base URL of the API. @default 'https://login.prospectb2b.com/api/public/v1' */
  apiBaseUrl?: Fields['apiBaseUrl'];
  /** When the nightly run begins. */
  schedule?:
    | {
        /** The six fields of an EventBridge Scheduler cron expression: minute, hour, day of the month, month, day of the week, year. Either the day of the month or the day of the week is `?`. The default is every night at 02:00. @default '0 2 * * ? *' */
        cron?: NonNullable<Fields['schedule']>['cron'];
        /** IANA name, such as 'Europe/Zurich'. Also for `exports.cron` and the reconciliation of deliveries. @default 'Etc/UTC' */
        timezone?: NonNullable<Fields['schedule']>['timezone'];
      }
    | undefined;
  /** The nightly run begins within this many minutes after the scheduled time. 0: exactly at that time. @default 30 */
  flexibleWindowMinutes?: Fields['flexibleWindowMinutes'];
  /** Streams to read: 'all', or their names. A child is read once for each row of its parent, so its parent has to be listed too. @default 'all' */
  streams?: 'all' | readonly StreamName[] | undefined;
  /** UTC date or time. The first load leaves out leads that have not changed since then. Without it, all leads are loaded. */
  startDate?: Fields['startDate'];
  /** Rows to ask for in one request, if the API takes a limit. @default 100 */
  pageSize?: Fields['pageSize'];
  /** Most requests to the API in a minute, for all functions of the workspace together. It can be exceeded for some seconds when another function begins to read. @default 60 */
  requestsPerMinute?: Fields['requestsPerMinute'];
  /** Functions that do the work of runs at the same time. They share the budget of requests, also with the functions that serve webhooks: a function that has read alone for about 20 seconds takes all of it, until another one begins. Two can use a budget of up to some thousand requests a minute, because each has several in flight. @default 2 */
  concurrency?: Fields['concurrency'];
  /** Most requests of a function in flight. It has as many as its rate and the time of an answer need. @default 64 */
  inFlight?: Fields['inFlight'];
  /** What each night reads besides the changes. */
  reading?:
    | {
        /** Each night asks for the leads that changed since this many hours before the previous night, because the API may show a change late. Costs one request for each 100 leads that changed in that time, each night. @default 24 */
        lookbackHours?: NonNullable<Fields['reading']>['lookbackHours'];
        /** All leads are read at least this often, even if their time of change is old. Costs one request for each 100 leads each time. @default 7 */
        rereadDays?: NonNullable<Fields['reading']>['rereadDays'];
        /** The messages, activities and events of every row are read at least this often, an equal share each night. Costs one request for each parent and table in that time. @default 30 */
        childRereadDays?: NonNullable<Fields['reading']>['childRereadDays'];
        /** The events and errors of a job, import or run are read each night until it has not changed for this many days. Costs one request for each of them, each night. @default 7 */
        settledDays?: NonNullable<Fields['reading']>['settledDays'];
      }
    | undefined;
  /** When a row counts as deleted. */
  deletions?:
    | {
        /** A row that the API did not give is asked for again after this many minutes. It is deleted only if it is missing again. @default 15 */
        confirmAfterMinutes?: NonNullable<Fields['deletions']>['confirmAfterMinutes'];
        /** Share of a table that one reading or one export may delete without approval. If more rows than this (and more than 20) are missing, none is deleted until you run `npx prospect-lake ops approve-deletions`. @default 0.05 */
        maxDeletedShare?: NonNullable<Fields['deletions']>['maxDeletedShare'];
      }
    | undefined;
  /** A run ends after this many hours, with what it has read. Until a run ends, its streams are not planned again. @default 72 */
  runDeadlineHours?: Fields['runDeadlineHours'];
  /** Webhooks of the vendor, for refreshes within minutes. */
  webhooks?:
    | {
        /** If false, no endpoint is registered, and no event is accepted. @default true */
        enabled?: NonNullable<Fields['webhooks']>['enabled'];
        /** Events to accept. The default is all of them. @default ['lead.created', 'lead.updated', 'import.completed', 'import.failed', 'export.completed', 'export.failed', 'campaign.created', 'campaign.updated', 'campaign.published'] */
        events?: NonNullable<Fields['webhooks']>['events'];
        /** Events are gathered for this long and read together. @default 30 */
        windowSeconds?: NonNullable<Fields['webhooks']>['windowSeconds'];
        /** Most events whose rows are read together. @default 1000 */
        batchSize?: NonNullable<Fields['webhooks']>['batchSize'];
        /** How long the old secret is accepted after a rotation. @default 24 */
        previousSecretHours?: NonNullable<Fields['webhooks']>['previousSecretHours'];
      }
    | undefined;
  /** Export jobs: snapshots of all leads, which also show which leads were deleted. */
  exports?:
    | {
        /** When an export is started, as a cron expression, or 'off'. The default is Sundays at 03:00. @default '0 3 ? * SUN *' */
        cron?: NonNullable<Fields['exports']>['cron'];
        /** Where you have the vendor’s files copied to, so that they can be loaded. Without it, a ready export is only announced. */
        source?:
          | {
              /** Bucket that holds the files. */
              bucket: NonNullable<NonNullable<Fields['exports']>['source']>['bucket'];
              /** Put before the file's key. If it is a folder, it has to end with a slash. @default '' */
              prefix?: NonNullable<NonNullable<Fields['exports']>['source']>['prefix'];
              /** Role to assume for reading, if the bucket belongs to another account. */
              roleArn?: NonNullable<NonNullable<Fields['exports']>['source']>['roleArn'];
            }
          | undefined;
        /** Wait before an export is first checked. Each later wait is twice as long, up to `slowestPollSeconds`. @default 15 */
        firstPollSeconds?: NonNullable<Fields['exports']>['firstPollSeconds'];
        /** Longest wait between two checks of an export. @default 900 */
        slowestPollSeconds?: NonNullable<Fields['exports']>['slowestPollSeconds'];
        /** An export that is not ready by then has failed. @default 12 */
        deadlineHours?: NonNullable<Fields['exports']>['deadlineHours'];
      }
    | undefined;
  /** Columns for fields that the API gives and no table declares, by table and name: `{ leads: { lead_score: { type: 'integer', personal: false } } }`. Current rows get the values as they are read again, versions of the history that are written already do not. A column keeps its type. More: docs/custom-columns.md. @default {} */
  customColumns?: { [table in StreamName]?: Record<string, CustomColumn> } | undefined;
  /** Personal data to keep out of the tables. */
  personalData?:
    | {
        /** Values that are left null in every table: classes (email, phone, name, subject, body, quote), or columns as 'table.column'. More: docs/personal-data.md. @default [] */
        drop?: Suggested<PersonalClass | PersonalColumn>[] | undefined;
        /** Values that are written as HMAC-SHA256 in hex: classes or columns, as for `drop`. The same value has the same hash in every table and run. The key is the secret prospect-lake/<name>/hash-key. @default [] */
        hash?: Suggested<Exclude<PersonalClass, 'quote'> | HashableColumn>[] | undefined;
      }
    | undefined;
  /** How long data is kept. By default, tables are kept for ever. */
  retention?:
    | {
        /** Days for which the answers of the API are kept unchanged, including personal data. @default 30 */
        rawDays?: NonNullable<Fields['retention']>['rawDays'];
        /** Days for which plans and receipts of runs are kept. @default 30 */
        runDays?: NonNullable<Fields['retention']>['runDays'];
        /** Days for which the logs of the functions and the access log of the bucket are kept. @default 90 */
        logDays?: NonNullable<Fields['retention']>['logDays'];
        /** Days for which the history is kept: every version of a row that was read, rejected rows, loaded exports and webhook events. The current tables do not depend on it. Without it, the history is kept for ever. */
        historyDays?: NonNullable<Fields['retention']>['historyDays'];
        /** Days for which the current tables can be queried as they were. @default 7 */
        snapshotDays?: NonNullable<Fields['retention']>['snapshotDays'];
      }
    | undefined;
  /** Receives the alarms, after you confirm the mail that AWS sends to it. Without it, alarms only go to the topic. */
  alarmEmail?: Fields['alarmEmail'];
  /** A topic of yours that gets the alarms and what a person must do. Its policy has to let CloudWatch and EventBridge publish, which a `Topic` of your CDK app is given: [notices.md](notices.md#a-topic-of-yours). Without it, the stack makes a topic. */
  alarmTopicArn?: Fields['alarmTopicArn'];
  /** If no nightly run has ended for this many hours, an alarm is sent. Without it: the longest pause of the schedule, plus `flexibleWindowMinutes`, plus two hours; 27 for a run every night. */
  runExpectedHours?: Fields['runExpectedHours'];
  /** Creates a dashboard in CloudWatch. It costs $3 a month; the first three of an account are free. @default false */
  dashboard?: Fields['dashboard'];
  /** Folder with queries of your own, a `.sql` file each. They are saved in Athena and asked by `query --named`, as those of [queries.md](queries.md#queries-of-your-own). A relative path begins at the working directory. */
  queries?: Fields['queries'];
  /** GiB that one Athena query may scan at most. @default 100 */
  athenaScanLimitGiB?: Fields['athenaScanLimitGiB'];
  /** Your own key for the bucket, secrets, queues, logs, alarms and query results. docs/encryption.md says what its policy has to allow. Without it, keys that AWS manages are used. */
  kmsKeyArn?: Fields['kmsKeyArn'];
  /** Subnets of a VPC of yours in which the functions run, for example because your egress rules ask for it. What the VPC needs and costs: docs/vpc.md. Without it, they run in the network of Lambda, which reaches the internet and lets nobody in. */
  vpc?:
    | {
        /** Private subnets of one VPC, with a route to the internet through a NAT gateway or the like. One in each of two or more availability zones survives the loss of a zone. */
        subnetIds: NonNullable<Fields['vpc']>['subnetIds'];
        /** Security groups of that VPC. They need no inbound rule; outbound, they have to allow TCP port 443. */
        securityGroupIds: NonNullable<Fields['vpc']>['securityGroupIds'];
      }
    | undefined;
  /** Tags on every resource. @default {} */
  tags?: Fields['tags'];
  /** 'retain' protects the data stack from deletion, and keeps the data if the stack is deleted. @default 'retain' */
  removalPolicy?: Fields['removalPolicy'];
}
