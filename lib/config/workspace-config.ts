import type { z } from 'zod';
import { historyName } from '../../lambdas/contract/stream.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { hasToken } from './cdk-token.ts';
import { suggestion } from '../../lambdas/contract/closest-name.ts';
import { customColumnProblems } from './custom-columns-config.ts';
import { ownQueryProblems } from './own-queries.ts';
import { personalDataProblems } from './personal-data-config.ts';
import { scheduleGaps } from './schedule-pause.ts';
import { streamsWanted, workspaceFields } from './workspace-fields.ts';

/**
 * Schema for the configuration of one ProspectB2B workspace, which has its own stacks. Only the name has no default.
 * The checks added here compare several fields; each field checks itself.
 */
export const workspaceConfig = workspaceFields.check(({ value, issues }) => {
  const indexOf = (path: readonly PropertyKey[]) =>
    issues.findIndex((issue) => issue.path?.map(String).join('.') === path.join('.'));
  const isRefused = (...path: string[]) => indexOf(path) >= 0;
  const ofFields = new Set(issues);
  /**
   * Reports a problem of a field. It replaces the problem that the field's own check found, if any: that check is
   * laxer.
   */
  const refuse = (path: (string | number)[], message: string) => {
    const own = indexOf(path);
    const found = issues[own];
    if (found && ofFields.has(found)) issues.splice(own, 1);
    issues.push({ code: 'custom', input: value, path, message });
  };
  for (const key of Object.keys(value.tags)) {
    if (!/^(?!aws:).{1,128}$/i.test(key))
      refuse(['tags', key], "the key has to be 1 to 128 characters long and not begin with 'aws:'");
  }
  if (value.streams.length === 0) refuse(['streams'], streamsWanted);
  for (const [index, problem] of streamProblems(value.streams)) refuse(['streams', index], problem);
  const isChoosing = value.personalData.drop.length + value.personalData.hash.length > 0;
  for (const { path, message } of customColumnProblems(value.customColumns, value.streams, isChoosing))
    refuse(['customColumns', ...path], message);
  for (const { treatment, index, message } of personalDataProblems(value.personalData, value.customColumns))
    refuse(['personalData', treatment, index], message);
  for (const message of value.queries === undefined ? [] : ownQueryProblems(value.queries))
    refuse(['queries'], message);
  if (value.requestsPerMinute < value.concurrency && !isRefused('concurrency')) {
    refuse(
      ['requestsPerMinute'],
      `has to be at least the concurrency (${value.concurrency}): each function needs one request a minute`,
    );
  }
  for (const field of ['rawDays', 'runDays'] as const) {
    const least = Math.ceil(value.runDeadlineHours / 24) + 1;
    const days = value.retention[field];
    if (days < least && !isRefused('runDeadlineHours')) {
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
  const { kmsKeyArn: key, alarmTopicArn: topic, region } = value;
  const isElsewhere = (arn: string) =>
    !hasToken(arn) && !isRefused('region') && region !== undefined && arn.split(':')[3] !== region;
  if (key && isElsewhere(key)) refuse(['kmsKeyArn'], `has to be a key of the region ${region}`);
  if (topic && isElsewhere(topic)) refuse(['alarmTopicArn'], `has to be a topic of the region ${region}`);
  if (topic && value.alarmEmail !== undefined)
    refuse(['alarmEmail'], 'cannot stand beside alarmTopicArn: subscribe the address to your topic');
});

/** One workspace, with its defaults filled in. */
export type WorkspaceConfig = z.output<typeof workspaceConfig>;

function* streamProblems(chosen: 'all' | readonly string[]): Generator<[index: number, problem: string]> {
  if (chosen === 'all') return;
  const names = streams.map((known) => known.name);
  for (const [index, name] of chosen.entries()) {
    const stream = streams.find((candidate) => candidate.name === name);
    const parent = stream?.parent?.stream;
    const ofHistory = streams.find((candidate) => historyName(candidate) === name);
    if (ofHistory) yield [index, `name '${ofHistory.name}' instead: its history comes with it`];
    else if (!stream)
      yield [index, `there is no stream '${name}'; ${suggestion(name, names, `the streams are ${names.join(', ')}`)}`];
    else if (parent && !chosen.includes(parent))
      yield [index, `'${name}' is read once per row of '${parent}': add '${parent}' to the list`];
  }
}
