import type { z } from 'zod';
import type { personalClasses } from '../../lambdas/contract/personal-data.ts';
import { type StreamName, streams } from '../../lambdas/streams/registry.ts';
import { customColumnProblems } from './custom-columns-config.ts';
import { personalDataProblems } from './personal-data-config.ts';
import { scheduleGaps } from './schedule-pause.ts';
import { workspaceFields } from './workspace-fields.ts';

/**
 * Schema for the configuration of one ProspectB2B workspace, which has its own stacks. Only the name has no default.
 * The checks added here compare several fields; each field checks itself.
 */
export const workspaceConfig = workspaceFields.check(({ value, issues }) => {
  const indexOf = (path: readonly PropertyKey[]) =>
    issues.findIndex((issue) => issue.path?.map(String).join('.') === path.join('.'));
  const isRefused = (...path: string[]) => indexOf(path) >= 0;
  /** Adds a problem to a field. It replaces the problem that the field reported itself, whose bound is weaker. */
  const refuse = (path: (string | number)[], message: string) => {
    const own = indexOf(path);
    if (own >= 0) issues.splice(own, 1);
    issues.push({ code: 'custom', input: value, path, message });
  };
  for (const key of Object.keys(value.tags)) {
    if (!/^(?!aws:).{1,128}$/i.test(key))
      refuse(['tags', key], "the key has to be 1 to 128 characters long and not begin with 'aws:'");
  }
  if (value.streams.length === 0) refuse(['streams'], "has to be 'all' or a list of at least one stream");
  for (const [index, problem] of streamProblems(value.streams)) refuse(['streams', index], problem);
  for (const { path, message } of customColumnProblems(value.customColumns))
    refuse(['customColumns', ...path], message);
  for (const { treatment, index, message } of personalDataProblems(value.personalData, value.customColumns))
    refuse(['personalData', treatment, index], message);
  if (value.requestsPerMinute < value.concurrency && !isRefused('concurrency')) {
    refuse(
      ['requestsPerMinute'],
      `has to be at least the concurrency (${value.concurrency}): each function needs one request a minute`,
    );
  }
  for (const field of ['rawDays', 'runDays', 'historyDays'] as const) {
    const least = Math.ceil(value.runDeadlineHours / 24) + 1;
    const days = value.retention[field];
    if (days !== undefined && days < least && !isRefused('runDeadlineHours')) {
      refuse(
        ['retention', field],
        `has to be ${least} or more, so that the objects of a run of ${value.runDeadlineHours} hours outlive it`,
      );
    }
  }
  if (!isRefused('schedule', 'cron')) {
    const { longest, shortest } = scheduleGaps(value.schedule.cron);
    if (shortest < 1)
      refuse(['schedule', 'cron'], 'has to leave an hour or more between two runs: webhooks bring newer changes');
    if (value.runExpectedHours !== undefined && value.runExpectedHours < longest)
      refuse(
        ['runExpectedHours'],
        `has to be ${Math.ceil(longest)} or more, the longest pause of the schedule. If you leave it out, it follows from the schedule`,
      );
  }
  const { firstPollSeconds: first, slowestPollSeconds: slowest } = value.exports;
  if (first > slowest && !isRefused('exports', 'slowestPollSeconds')) {
    refuse(
      ['exports', 'firstPollSeconds'],
      `has to be at most exports.slowestPollSeconds (${slowest}): the first wait is the shortest`,
    );
  }
  if (value.kmsKeyArn && value.region && value.kmsKeyArn.split(':')[3] !== value.region) {
    refuse(['kmsKeyArn'], `has to be a key of the region ${value.region}`);
  }
});

/** One workspace, with its defaults filled in. */
export type WorkspaceConfig = z.output<typeof workspaceConfig>;

type Fields = z.input<typeof workspaceConfig>;
/** Any text, of which an editor suggests some. The check of the configuration refuses what does not exist. */
type Suggested<Known extends string> = Known | (string & Record<never, never>);
type PersonalEntry = Suggested<keyof typeof personalClasses>;
type Schedule = NonNullable<Fields['schedule']>;

/** One workspace as a person writes it. docs/configuration.md has every field. */
export interface WorkspaceInput extends Omit<Fields, 'streams' | 'personalData' | 'region' | 'schedule'> {
  /**
   * Streams to read: `'all'`, or their names. A child is read once for each row of its parent, so its parent has to be
   * listed too. @default 'all'
   */
  streams?: 'all' | Suggested<StreamName>[] | undefined;
  /** Personal data to keep out of the tables: a class such as `'email'`, or a column as `'table.column'`. */
  personalData?:
    | {
        /** Classes of personal data, or columns, that are left null in every table. */
        drop?: PersonalEntry[] | undefined;
        /** Classes or columns whose values are written as HMAC-SHA256, in hex. Equal values have equal hashes everywhere. */
        hash?: PersonalEntry[] | undefined;
      }
    | undefined;
  /** AWS region, such as `'eu-central-1'`. @default the region of the credentials that deploy */
  region?: Fields['region'];
  /** When the nightly run begins. */
  schedule?:
    | {
        /**
         * The six fields of an EventBridge Scheduler cron expression: minute, hour, day of the month, month, day of the
         * week, year. Either the day of the month or the day of the week is `?`. @default '0 2 * * ? *', every night at 02:00
         */
        cron?: Schedule['cron'];
        /** Name of a time zone in the IANA database, such as `'Europe/Zurich'`. @default 'Etc/UTC' */
        timezone?: Schedule['timezone'];
      }
    | undefined;
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
