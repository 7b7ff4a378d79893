/**
 * Finds problems that no function can report itself: work that waits or was given up, and nightly runs that did not
 * end.
 */

import { z } from 'zod';
import { runTablePrefix, watchKey } from '../../contract/object-keys.ts';
import type { Problem } from '../../contract/problems.ts';
import type { Announcer, Clock, Log, ObjectStore, QueueDepth } from '../ports.ts';
import { readJson, writeJson } from '../store/stored-json.ts';

export interface WatchPorts {
  readonly store: ObjectStore;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly log: Log;
}

export interface WatchSettings {
  /** A nightly run counts as missing if none has ended for this many hours. */
  readonly expectedHours: number;
  readonly work: readonly { readonly name: string; readonly hours: number; readonly queue: QueueDepth }[];
  readonly deadLetters: readonly { readonly name: string; readonly queue: QueueDepth }[];
}

const instant = z.iso.datetime();
const watchState = z.object({
  /** The newest nightly run that has ended, and when the watcher first saw it. */
  nightly: z.object({ runId: z.string(), at: instant }),
  /** By queue: since when every check has found messages in it. A queue that the last check found empty is left out. */
  waitingSince: z.record(z.string(), instant),
  /** Current problems, by name and subject, and when each was last reported. */
  told: z.record(z.string(), instant),
});
type WatchState = z.infer<typeof watchState>;

const hour = 3_600_000;
const day = 24 * hour;
/** A problem that persists is reported again after this long. */
const remindMilliseconds = day;

/**
 * Checks once. A problem is reported when it begins, and daily while it lasts. The report goes out before the state is
 * stored: if a check dies in between, the next one reports again.
 * @returns the problems that were reported
 */
export async function watch(settings: WatchSettings, ports: WatchPorts): Promise<readonly Problem[]> {
  const { store, announcer, clock, log } = ports;
  const now = clock.now();
  const stored = await readJson(store, watchKey, watchState);
  const before: WatchState = stored?.value ?? {
    nightly: { runId: '', at: now.toISOString() },
    waitingSince: {},
    told: {},
  };
  const nightly = await newestNightly(before.nightly, now, store);
  const waitingSince = await stillWaiting(before.waitingSince, settings, now);
  const currentProblems = new Map([
    ...missingNight(nightly, settings.expectedHours, now),
    ...waitingWork(waitingSince, settings, now),
    ...(await deadLetterProblems(settings)),
  ]);
  const lastReported: Record<string, string> = {};
  const toReport: Problem[] = [];
  for (const [key, problem] of currentProblems) {
    const last = before.told[key];
    const isDue = last === undefined || now.getTime() - Date.parse(last) >= remindMilliseconds;
    lastReported[key] = isDue || last === undefined ? now.toISOString() : last;
    if (!isDue) continue;
    log.warn('A problem is reported.', { problem: problem.problem, reason: problem.message });
    await announcer.announce('needsAttention', { ...problem });
    toReport.push(problem);
  }
  const state: WatchState = { nightly, waitingSince, told: lastReported };
  // If another check stored its state at the same time, that state stays and the next check uses it.
  if (JSON.stringify(state) !== JSON.stringify(stored?.value))
    await writeJson(store, watchKey, state, stored ? { ifMatch: stored.etag } : { ifAbsent: true });
  return toReport;
}

/**
 * The newest nightly run that has ended. When a run ends, it writes rows into the partition of the day on which it
 * began. Partitions before the day of the newest known run are skipped: their runs began earlier.
 */
async function newestNightly(
  known: WatchState['nightly'],
  now: Date,
  store: ObjectStore,
): Promise<WatchState['nightly']> {
  let newest = known.runId;
  for (const date of daysBetween(dayOf(known) ?? new Date(Date.parse(known.at) - day), now)) {
    for await (const { key } of store.list(`${runTablePrefix(date)}nightly-`)) {
      const runId = key.slice(key.lastIndexOf('/') + 1).replace(/\.parquet$/, '');
      if (runId > newest) newest = runId;
    }
  }
  return newest === known.runId ? known : { runId: newest, at: now.toISOString() };
}

/** The day on which a nightly run began, from its id. */
function dayOf({ runId }: WatchState['nightly']): Date | undefined {
  const [, year, month, date] = /^nightly-(\d{4})(\d\d)(\d\d)T/.exec(runId) ?? [];
  return year === undefined ? undefined : new Date(`${year}-${month}-${date}`);
}

function* daysBetween(from: Date, to: Date): Generator<string> {
  const last = to.toISOString().slice(0, 10);
  for (let at = from.getTime(); ; at += day) {
    const date = new Date(at).toISOString().slice(0, 10);
    if (date > last) return;
    yield date;
  }
}

async function stillWaiting(
  before: WatchState['waitingSince'],
  { work }: WatchSettings,
  now: Date,
): Promise<WatchState['waitingSince']> {
  const after: WatchState['waitingSince'] = {};
  for (const { name, queue } of work) if ((await queue.waiting()) > 0) after[name] = before[name] ?? now.toISOString();
  return after;
}

type Standing = [key: string, problem: Problem];

function* missingNight({ at }: WatchState['nightly'], expectedHours: number, now: Date): Generator<Standing> {
  const hours = (now.getTime() - Date.parse(at)) / hour;
  if (hours < expectedHours) return;
  const message = `No nightly run has ended for ${Math.floor(hours)} hours. The schedule expects one at least every ${expectedHours} hours.`;
  yield ['RunMissing', { problem: 'RunMissing', message }];
}

function* waitingWork(since: WatchState['waitingSince'], { work }: WatchSettings, now: Date): Generator<Standing> {
  for (const { name, hours } of work) {
    const begun = since[name];
    if (begun === undefined || now.getTime() - Date.parse(begun) < hours * hour) continue;
    const message = `Work has been waiting in the queue ${name} since ${begun}.`;
    yield [`WorkWaits ${name}`, { problem: 'WorkWaits', message }];
  }
}

async function deadLetterProblems({ deadLetters }: WatchSettings): Promise<Standing[]> {
  const found: Standing[] = [];
  for (const { name, queue } of deadLetters) {
    const count = await queue.waiting();
    const message = `Work was given up: the dead-letter queue of ${name} holds ${count} ${count === 1 ? 'message' : 'messages'}.`;
    if (count > 0) found.push([`DeadLetters ${name}`, { problem: 'DeadLetters', message }]);
  }
  return found;
}
