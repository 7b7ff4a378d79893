import { z } from 'zod';
import { pipelineStateKey, prefixes } from '../../lambdas/contract/object-keys.ts';
import type { Log } from '../../lambdas/core/ports.ts';
import { readWork } from '../../lambdas/core/rewrite/work.ts';
import { instant, streamNames, wholeNumber } from '../../local/cli/flag-values.ts';
import { durationText } from '../../lambdas/core/runs/duration-text.ts';
import { PercentMeter, progressLine, RateMeter } from '../../local/cli/progress-line.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import {
  type Audit,
  audit as auditLake,
  type AuditEstimate,
  type AuditPage,
  type AuditRequest,
} from '../audit/audit.ts';
import { auditData, auditLines } from '../audit/audit-lines.ts';
import { largestSample, sampleMinutes } from '../audit/estimate.ts';
import { planRepair } from '../audit/repair.ts';
import { ownReports, reportsOf, runsAsking } from '../audit/repair-runs.ts';
import { verdictOf } from '../audit/verdict.ts';
import { problemLines } from '../lake/problem-lines.ts';
import { checkKey, orNoAnswer } from '../check-key.ts';
import { opsCommandNamed, typed } from '../../local/cli/command-names.ts';
import { changeCommand, type Outcome } from '../command.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import { unfinishedText } from '../rewrite/unfinished.ts';
import { suggested, type Target } from '../target.ts';

const defaultRequests = 20_000;
const deadlineHours = 72;
const silent: Log = { info() {}, warn() {}, error() {} };

const input = z
  .strictObject({
    stream: streamNames('--stream').optional(),
    from: instant('--from').optional(),
    to: instant('--to').optional(),
    all: z.boolean().default(false),
    allTables: z.boolean().default(false),
    requests: wholeNumber('--requests', { least: 1, most: Number.MAX_SAFE_INTEGER }).default(defaultRequests),
    repair: z.boolean().default(false),
  })
  .refine(({ from, to }) => !from || !to || from < to, '--from has to be before --to');

export const audit = changeCommand({
  ...opsCommandNamed('audit'),
  examples: [typed('ops audit --stream leads'), typed('ops audit --stream leads --repair')],
  flags: {
    stream: {
      value: '<a,b>',
      isList: true,
      help: 'tables to compare, with their parents; default: all that nightly runs read and that streams does not switch off',
    },
    all: {
      help: `compare the children of every row; default: of up to ${largestSample} rows of each table, different ones each day, in about ${sampleMinutes} minutes`,
    },
    'all-tables': { help: 'list every table, not only those with something to tell' },
    from: { value: '<ISO>', help: 'leads that changed at or after this, and what belongs to them; default: all' },
    to: { value: '<ISO>', help: 'leads that changed before this; default: all' },
    requests: { value: '<n>', help: `most requests to the API; default: ${defaultRequests}` },
    repair: { help: 'read again what differs, and nothing else' },
  },
  input,
  async prepare(target, { stream, from, to, all, allTables, requests, repair }) {
    const linesOf = (found: Audit) => auditLines(found, { terminal: target.terminal, allTables });
    const outcomeOf = (found: Audit, notes: readonly string[] = []): Outcome => ({
      lines: [...linesOf(found), ...notes],
      data: auditData(found),
      ok: verdictOf(found) === 'clean',
      isUnfinished: verdictOf(found) === 'unfinished',
    });
    const request: AuditRequest = {
      streams: stream,
      bounds: { from: millisecondsOf(from), to: millisecondsOf(to) },
      all,
      seed: target.clock.now().toISOString().slice(0, 10),
      mostRequests: requests,
      sampleRequests: target.requestsPerMinute * sampleMinutes,
    };
    // The files that it is changing differ from their receipts.
    const begun = (await readWork(target.store))?.value;
    if (begun) throw new UsageError(await unfinishedText(target, begun));
    const found = await look(target, request);
    const planned = planRepair(found, { now: target.clock.now(), deadlineHours });
    if (!planned) return outcomeOf(found);
    const streams = stream ? ` --stream ${stream.join(',')}` : '';
    if (!repair)
      return outcomeOf(found, [`To repair what differs: ${await suggested(target, `audit${streams} --repair`)}`]);
    const stuck = [...found.damage.keys()].find((key) => key === pipelineStateKey || key.startsWith(prefixes.current));
    // Every run needs the pipeline's state and the current tables. While one cannot be read, a repair would never
    // finish.
    if (stuck !== undefined) return outcomeOf(found, [`Nothing is repaired while ${stuck} cannot be read.`]);
    return {
      lines: [
        ...linesOf(found),
        `To repair workspace ${target.workspace}:`,
        ...planned.lines.map((line) => `  ${line}`),
      ],
      async act() {
        const { store, warehouse, publishCheckSeconds, clock } = target;
        const waits = await planned.begin(publishCheckSeconds, {
          store,
          warehouse,
          extractQueue: target.queue('extract'),
          convertQueue: target.queue('convert'),
          publishQueue: target.queue('publish'),
          clock,
          log: silent,
        });
        await target.settle();
        const reports = await reportsOf(waits);
        const asking = await runsAsking(reports ?? [], target);
        if (reports && asking.length === 0) {
          const own = ownReports(reports);
          const problems = await Promise.all(own.map((report) => problemLines(report, target)));
          const told = own.flatMap(({ runId, status }, at) => {
            const lines = problems[at] ?? [];
            return lines.length === 0 ? [] : [`Run ${runId} ended ${status}.`, ...lines];
          });
          return outcomeOf(await look(target, request), told);
        }
        const underWay = reports
          ? `What the API no longer gives is asked for once more before it is deleted, by ${asking.join(', ')}. Audit again when that is over.`
          : `The repair is under way: ${await suggested(target, 'status')} tells how it goes. Audit again when it is over.`;
        return { lines: [underWay], data: { ...auditData(found), underWay: true }, ok: false };
      },
    };
  },
});

function millisecondsOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

async function look(target: Target, request: AuditRequest): Promise<Audit> {
  const { configured, local, store, warehouse, clock, progress, requestsPerMinute } = target;
  const chosen = configured?.streams === 'all' ? undefined : configured?.streams;
  const settings = {
    streams: local?.streams ?? chosen,
    startDate: configured?.startDate,
    retention: configured?.retention,
    personalData: configured?.personalData,
    customColumns: configured?.customColumns,
  };
  const time = (requests: number) => durationText((requests / requestsPerMinute) * 60);
  const onEstimate = ({ requests, sample, requestsForAll }: AuditEstimate) => {
    const isLong = requests > requestsPerMinute;
    const lasts = isLong ? `, ${time(requests)} at ${requestsPerMinute.toLocaleString('en-US')} a minute` : '';
    const told = `This takes about ${counted(requests, 'request')} to the API${lasts}.`;
    if (requests > request.mostRequests)
      throw new UsageError(
        `${told} That is more than --requests ${request.mostRequests} allows. Allow more, or compare fewer tables with --stream.`,
      );
    const more =
      sample === undefined || requestsForAll === requests
        ? ''
        : ` It compares the children of up to ${sample} rows of each table; --all compares all in some ${counted(requestsForAll, 'request')}${requestsForAll > requestsPerMinute ? `, ${time(requestsForAll)}` : ''}.`;
    progress.note(`${told}${more} Each row that differs takes one request more.`);
  };
  const onReread = (table: string, requests: number) => {
    if (requests > requestsPerMinute)
      progress.note(
        `${table}: rows differ, and are asked for by their ids: ${counted(requests, 'more request', 'more requests')}, ${time(requests)}.`,
      );
  };
  const [meter, percent] = [new RateMeter(), new PercentMeter()];
  const startedAt = clock.now();
  const onPage = ({ table, tables, rows, requests, expected: estimated }: AuditPage) => {
    const now = clock.now();
    meter.add(requests, now);
    const { perMinute } = meter;
    const expected = Math.ceil(Math.max(requests, estimated));
    const hasGrown = percent.hasFallen(requests, expected);
    const seen = { requests, expected, hasGrown, perMinute, limit: requestsPerMinute, limited: 0 };
    const view = { ...seen, now, startedAt, isPlanned: true, rows, tables, reading: [table], obstacle: undefined };
    progress.show(progressLine(view, progress.terminal));
  };
  const ports = {
    store,
    warehouse,
    api: target.api(),
    clock,
    progress,
    onEstimate,
    checkKey: () => checkKey(target),
    onReread,
    onPage,
  };
  return orNoAnswer(() => auditLake(request, settings, ports));
}
