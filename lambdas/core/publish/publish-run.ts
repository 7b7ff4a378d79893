import type { PublishMessage } from '../../contract/messages.ts';
import { isVersionKeysPrefix } from '../../contract/current-keys.ts';
import { reportKey, roundSentKey, runPrefix } from '../../contract/object-keys.ts';
import type { Plan, Round } from '../../contract/run.ts';
import { type RunReport, runReport } from '../../contract/run-report.ts';
import type { Stream } from '../../contract/stream.ts';
import type { MergePorts } from '../current/table-draft.ts';
import { type PagePorts, type PageSettings, writePage } from '../page/write-page.ts';
import type { Announcer, Metrics, ObjectStore, Queue } from '../ports.ts';
import { sendTasks } from '../runs/dispatch-run.ts';
import { createPlanReader } from '../runs/plan-reader.ts';
import { rememberKeys } from '../store/known-keys.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { reportOf } from './run-report.ts';
import { announceRun, type AnnounceSettings } from './announce-run.ts';
import { findSchemaChanges } from './find-schema-changes.ts';
import { confirmSuspects } from './confirm-suspects.ts';
import { type MergeSettings, mergeRun, type Progress, readProgress, writeProgress } from './merge-run.ts';
import { type EndPorts, isCutOff, isRunOver } from './is-run-over.ts';
import { moveState } from './move-state.ts';
import { nextRound, type RoundSettings } from './next-round.ts';
import {
  createReceiptMemory,
  readEvidence,
  type ReceiptMemory,
  replayedAt,
  type RunEvidence,
} from './read-evidence.ts';
import { pageEntry } from './page-entry.ts';
import type { QuietHour } from './quiet-hour.ts';
import { runFiles } from './run-table.ts';
import { basisOf, type RunTree, treeOf } from './run-tree.ts';
import { isSecondReading } from '../runs/second-reading.ts';
import { releaseForgotten } from './release-forgotten.ts';

export interface PublishPorts extends MergePorts, EndPorts {
  readonly extractQueue: Queue;
  readonly publishQueue: Queue;
  readonly announcer: Announcer;
  readonly metrics: Metrics;
  /** The dead-letter queues, by name, for the page. @default none */
  readonly deadLetters?: PagePorts['deadLetters'];
  /** @default none: each check reads every receipt */
  readonly receipts?: ReceiptMemory;
  /** @default none: each run looks for problems that it solves, and writes the page */
  readonly quietHour?: QuietHour;
}

export interface PublishSettings extends MergeSettings, RoundSettings, AnnounceSettings {
  readonly publishCheckSeconds: number;
  /** @default no page is written */
  readonly page?: PageSettings;
}

/** The older the run, the longer a check waits: up to this many times the first wait. */
const slowestCheck = 10;
const maxDelaySeconds = 900;
/** While a run is under way, its results are merged this often. */
const mergeEveryMilliseconds = 15 * 60_000;

/**
 * Takes a run one step further: merges what was read, adds the tasks that are due next, or publishes the run if nothing
 * is left. Every step can be repeated. The order is: the tables, the run's rows in `pipeline_runs`, the state (one
 * conditional write), the report, the event. A complete report is final unless work of its run is sent again. A partial
 * or failed report is replaced once there is another receipt, or an operator has decided something.
 *
 * @returns the report, if the run is over
 */
export async function publishRun(
  message: PublishMessage,
  settings: PublishSettings,
  ports: PublishPorts,
): Promise<RunReport | undefined> {
  const own = runPrefix(message.runId);
  const store = rememberKeys(ports.store, (prefix) => prefix === own || isVersionKeysPrefix(prefix));
  // Lists all objects of the run, so that the store knows which exist and sends no requests for the others.
  for await (const _ of store.list(own)) break;
  return checkRun(message, settings, { ...ports, store });
}

async function checkRun(
  message: PublishMessage,
  settings: PublishSettings,
  ports: PublishPorts,
): Promise<RunReport | undefined> {
  const { store, clock, log } = ports;
  const { runId } = message;
  const plan = await createPlanReader(store)(runId);
  const published = await readJson(store, reportKey(runId), runReport);
  const stands = async (report: RunReport) => {
    await restoreTables(report, store);
    await announceRun(report, settings, ports);
    return report;
  };
  if (published?.value.status === 'complete' && published.value.replayedAt === (await replayedAt(store, runId)))
    return stands(published.value);
  const evidence = await readEvidence(store, plan, ports.receipts ?? createReceiptMemory());
  // The check that stored the last round may have died before it sent the whole round. A check by ping (sent when work
  // is finished) does not send it, because the other check may still be doing so.
  if (evidence.unsentRound && !message.ping) await sendRound(plan, evidence.unsentRound, ports);
  const streams = plan.streams.map(settings.streamNamed);
  const tree = treeOf(evidence, clock.now());
  if (published?.value.basis === basisOf(evidence, tree)) return stands(published.value);
  const former = await readProgress(ports, plan);
  if (
    tree.outstanding > 0 &&
    !isCutOff(evidence, tree) &&
    clock.now().getTime() - Date.parse(former.mergedAt) < mergeEveryMilliseconds
  ) {
    log.info('The run is under way.', { runId, waitingFor: tree.outstanding });
    return scheduleCheck(message, settings, ports);
  }

  const { done, progress } = await mergeRun(evidence, tree, { streams, settings, former }, ports);
  // A cache: if this check dies before the write, the next one merges the same again, which changes nothing.
  const saveProgress = (due = progress.due) => writeProgress(ports, runId, { ...progress, due });
  if (!done) {
    await saveProgress();
    return continueAtOnce(message, ports);
  }
  const unread = new Set<string>();
  if (evidence.aborted === undefined) {
    const now = clock.now();
    const mayAdd = now.getTime() <= Date.parse(tree.deadline);
    const search = { streams, settings, progress, now, mayAdd };
    const { round, lostRace, due } = await nextRound(evidence, tree, search, ports);
    await saveProgress(due);
    if (lostRace) return scheduleCheck(message, settings, ports);
    if (round && mayAdd) {
      await sendRound(plan, round, ports);
      return scheduleCheck({ ...message, check: 0 }, settings, ports);
    }
    // A list whose second reading is still due was read once: at most, rows that moved meanwhile are missing.
    for (const task of round?.tasks ?? []) if (!isSecondReading(task)) unread.add(task.stream);
  } else await saveProgress();
  if (!(await isRunOver(evidence, tree, ports))) return scheduleCheck(message, settings, ports);
  return finish(message, { evidence, tree, streams, progress, unread, published }, settings, ports);
}

/**
 * Restores the run's rows in the pipeline's tables: a slower check may have replaced them by those of an old report.
 */
async function restoreTables(report: RunReport, store: ObjectStore): Promise<void> {
  for (const { key, body } of runFiles(report)) {
    // A file that cannot be read is written again.
    const stored = await store.get(key).catch(() => undefined);
    if (!stored || Buffer.compare(stored.body, body) !== 0) await store.put(key, body);
  }
}

/** Sends the tasks of a round and records that they were sent. */
async function sendRound(
  plan: Plan,
  { round, tasks }: Round,
  { store, extractQueue, log }: PublishPorts,
): Promise<void> {
  await sendTasks(plan, tasks, extractQueue);
  await writeJson(store, roundSentKey(plan.runId, round), {});
  log.info('The run goes on.', { runId: plan.runId, round, tasks: tasks.length });
}

interface Ending {
  readonly evidence: RunEvidence;
  readonly tree: RunTree;
  readonly streams: readonly Stream[];
  readonly progress: Progress;
  readonly unread: ReadonlySet<string>;
  readonly published: { readonly value: RunReport; readonly etag: string } | undefined;
}

async function finish(
  message: PublishMessage,
  { evidence, tree, streams, progress, unread, published }: Ending,
  settings: PublishSettings,
  ports: PublishPorts,
): Promise<RunReport | undefined> {
  const { store, clock, log } = ports;
  const { plan } = evidence;
  const merged = new Map(Object.entries(progress.tables).map(([name, { result }]) => [name, result]));
  const assessed = reportOf({ evidence, tree, streams, merged, unread, now: clock.now() });
  const confirmRunId = await confirmSuspects(plan, progress, streams, settings, ports);
  const rowsOf = (table: string) => merged.get(table)?.rows;
  const { changes, unfit, empty } = await findSchemaChanges({ plan, streams, tree, report: assessed, rowsOf }, store);
  const forgotten = await releaseForgotten(tree, progress, settings, ports);
  const report: RunReport = {
    ...assessed,
    // The run ended then. What was sent again or approved later does not make it a longer run.
    finishedAt: published?.value.finishedAt ?? assessed.finishedAt,
    basis: basisOf(evidence, tree),
    ...(confirmRunId === undefined ? {} : { confirmRunId }),
    ...(forgotten ? { forgotten } : {}),
    ...(changes.length === 0 ? {} : { schemaChanges: changes }),
    ...(unfit.length === 0 ? {} : { unfitColumns: unfit }),
    ...(empty.length === 0 ? {} : { emptyColumns: empty }),
  };
  for (const { key, body } of runFiles(report)) await store.put(key, body);
  const quiet = ports.quietHour?.stateFor(report, settings);
  const state = quiet ?? (await moveState(plan, report, tree, ports));
  const condition = published ? { ifMatch: published.etag } : { ifAbsent: true };
  if (!(await writeJson(store, reportKey(plan.runId), report, condition))) {
    log.info('Another check published the run first; the run is checked again.', { runId: plan.runId });
    // This check has written rows of its own report. Replace them by those of the stored report now: after a ping, no
    // later check would do it.
    const winner = await readJson(store, reportKey(plan.runId), runReport);
    if (winner) await restoreTables(winner.value, store);
    return scheduleCheck(message, settings, ports);
  }
  const { page } = settings;
  await announceRun(report, settings, ports, {
    state,
    isQuiet: quiet !== undefined,
    // Only a second delivery of the same events can lead to another check of a small run that is complete.
    hasMarker: !ports.storeWhole || report.status !== 'complete',
    afterwards: async (stands) => {
      if (quiet) return;
      if (page)
        await writePage(pageEntry(report, state, { tree, progress }, settings), page, { deadLetters: {}, ...ports });
      if (stands) ports.quietHour?.end();
      else ports.quietHour?.begin(report, state);
    },
  });
  return report;
}

/**
 * Schedules another check of the run, but not after a ping (sent when work is finished): then a check already waits.
 */
async function scheduleCheck(
  { runId, check, ping }: PublishMessage,
  { publishCheckSeconds }: PublishSettings,
  { publishQueue }: PublishPorts,
): Promise<undefined> {
  if (ping) return undefined;
  const seconds = publishCheckSeconds * Math.min(slowestCheck, 1 + Math.floor(check / 5));
  const body: PublishMessage = { runId, check: check + 1 };
  await publishQueue.send([{ body, delaySeconds: Math.min(maxDelaySeconds, seconds) }]);
  return undefined;
}

/** Time ran out: the merge continues at once in another invocation. */
async function continueAtOnce(message: PublishMessage, { publishQueue }: PublishPorts): Promise<undefined> {
  await publishQueue.send([{ body: message }]);
  return undefined;
}
