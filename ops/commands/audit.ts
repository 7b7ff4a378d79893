import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { pipelineStateKey } from '../../lambdas/contract/object-keys.ts';
import { PipelineError } from '../../lambdas/core/errors.ts';
import type { Clock, Log } from '../../lambdas/core/ports.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { type Audit, audit as auditLake, type AuditRequest } from '../audit/audit.ts';
import { auditData, auditLines } from '../audit/audit-lines.ts';
import { counted } from '../counted.ts';
import { planRepair, type RepairPlan } from '../audit/plan-repair.ts';
import { beginRepair, type IsPublished } from '../audit/repair.ts';
import { isClean } from '../audit/verdict.ts';
import { instant, streamNames, wholeNumber } from '../../local/cli/flag-values.ts';
import { changeCommand, type Outcome } from '../command.ts';
import type { Target } from '../target.ts';

const defaultRequests = 20_000;
const deadlineHours = 72;
/** How long a repair is waited for; after that it goes on without this command. */
const patienceMilliseconds = 15 * 60_000;
const lookMilliseconds = 5_000;
const clock: Clock = { now: () => new Date() };
const silent: Log = { info() {}, warn() {}, error() {} };

const input = z
  .strictObject({
    stream: streamNames('--stream').optional(),
    from: instant('--from').optional(),
    to: instant('--to').optional(),
    requests: wholeNumber('--requests', { least: 1, most: 1_000_000_000 }).default(defaultRequests),
    repair: z.boolean().default(false),
  })
  .refine(({ from, to }) => !from || !to || from < to, '--from has to be before --to');

export const audit = changeCommand({
  name: 'audit',
  summary: 'Compares the API with the lake: rows that are missing, stale or gone, and files that are lost.',
  flags: {
    stream: {
      value: '<a,b>',
      help: 'tables to compare, with their parents; default: all that are read',
    },
    from: {
      value: '<ISO>',
      help: 'rows that changed at or after this, and what belongs to them; default: all',
    },
    to: { value: '<ISO>', help: 'rows that changed before this; default: all' },
    requests: { value: '<n>', help: `most requests to the API; default: ${defaultRequests}` },
    repair: { help: 'read again what differs, and nothing else' },
  },
  input,
  async prepare(target, { stream, from, to, requests, repair }) {
    const bounds = { from: millisecondsOf(from), to: millisecondsOf(to) };
    const request: AuditRequest = { streams: stream, bounds, mostRequests: requests };
    const found = await look(target, request);
    if (!repair || isClean(found)) return outcomeOf(found);
    // Every run reads it, so none could end.
    if (found.damage.has(pipelineStateKey))
      return outcomeOf(found, ['Nothing is repaired while the state of the pipeline cannot be read.']);
    const plan = planRepair(found, { now: clock.now(), deadlineHours });
    const intent = intentLines(plan);
    if (intent.length === 0) return outcomeOf(found);
    return {
      lines: [...auditLines(found), `To repair workspace ${target.workspace}:`, ...intent.map((line) => `  ${line}`)],
      async act() {
        const waits = await beginRepair(plan, target.publishCheckSeconds, {
          store: target.store,
          extractQueue: target.queue('extract'),
          convertQueue: target.queue('convert'),
          publishQueue: target.queue('publish'),
          clock,
          log: silent,
        });
        await target.settle();
        if (await arePublished(waits)) return outcomeOf(await look(target, request));
        const lines = [
          'The repair is under way: npm run ops -- status tells how it goes. Audit again when it is over.',
        ];
        return { lines, data: { ...auditData(found), underWay: true }, ok: false };
      },
    };
  },
});

function millisecondsOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

async function look(target: Target, request: AuditRequest): Promise<Audit> {
  const { configured, store } = target;
  const settings = {
    startDate: configured?.startDate,
    personalData: configured?.personalData,
    retention: configured?.retention,
  };
  try {
    return await auditLake(request, settings, { store, api: target.api(), clock });
  } catch (error) {
    if (error instanceof PipelineError) throw new UsageError(error.message, 1);
    throw error;
  }
}

function outcomeOf(found: Audit, notes: readonly string[] = []): Outcome {
  return { lines: [...auditLines(found), ...notes], data: auditData(found), ok: isClean(found) };
}

function intentLines({ files, runs, refresh }: RepairPlan): string[] {
  return [
    ...(files.length > 0 ? [`Converts ${counted(files.length, 'lost file')} again from raw chunks.`] : []),
    ...(runs.length > 0 ? [`Writes the rows of ${counted(runs.length, 'run')} in pipeline_runs again.`] : []),
    ...(refresh?.lines ?? []),
  ];
}

async function arePublished(waits: readonly IsPublished[]): Promise<boolean> {
  const until = Date.now() + patienceMilliseconds;
  for (;;) {
    const published = await Promise.all(waits.map((isPublished) => isPublished()));
    if (published.every(Boolean)) return true;
    if (Date.now() >= until) return false;
    await wait(lookMilliseconds);
  }
}
