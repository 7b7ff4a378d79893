import type { PublishMessage } from '../../contract/messages.ts';
import { isVersionKeysPrefix } from '../../contract/current-keys.ts';
import { reportKey, roundSentKey, runPrefix } from '../../contract/object-keys.ts';
import type { Plan, Round } from '../../contract/run.ts';
import { type RunReport, runReport } from '../../contract/run-report.ts';
import { sendTasks } from '../runs/dispatch-run.ts';
import { createPlanReader } from '../runs/plan-reader.ts';
import { isSecondReading } from '../runs/second-reading.ts';
import { rememberKeys } from '../store/known-keys.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { announceRun } from './announce-run.ts';
import { DamagedTables } from './damaged-tables.ts';
import { endRun, restoreTables } from './end-run.ts';
import { isCutOff, isRunOver } from './is-run-over.ts';
import { mergeRun, readProgress, writeProgress } from './merge-run.ts';
import { nextRound } from './next-round.ts';
import type { PublishPorts, PublishSettings } from './publish-work.ts';
import { createReceiptMemory, readEvidence, replayedAt } from './read-evidence.ts';
import { basisOf, treeOf } from './run-tree.ts';

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

  const damaged = new DamagedTables(former.damaged ?? {}, ports.isLastDelivery ?? false);
  const { done, progress } = await mergeRun(evidence, tree, { streams, settings, former, damaged }, ports);
  // A cache: if this check dies before the write, the next one merges the same again, which changes nothing.
  const saveProgress = (due = progress.due) =>
    writeProgress(ports, runId, { ...progress, due, damaged: damaged.failures });
  if (!done) {
    await saveProgress();
    return continueAtOnce(message, ports);
  }
  const unread = new Set<string>();
  if (evidence.aborted === undefined) {
    const now = clock.now();
    const mayAdd = now.getTime() <= Date.parse(tree.deadline);
    const search = { streams, settings, progress, damaged, now, mayAdd };
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
  const ending = { evidence, tree, streams, progress, damaged, unread, published };
  return (await endRun(ending, settings, ports)) ?? scheduleCheck(message, settings, ports);
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
