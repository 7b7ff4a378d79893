import { dispatchedKey } from '../../contract/object-keys.ts';
import type { ExtractMessage, PublishMessage } from '../../contract/messages.ts';
import type { Plan, Task } from '../../contract/run.ts';
import type { Log, ObjectStore, Queue } from '../ports.ts';
import { writeJson } from '../store/stored-json.ts';

export interface DispatchPorts {
  readonly store: ObjectStore;
  readonly extractQueue: Queue;
  readonly publishQueue: Queue;
  readonly log: Log;
}

const maxDelaySeconds = 900;

/**
 * Sends the first messages of a planned run, unless all of them were sent before, and records that they were sent.
 * @param options.delaySeconds wait before the first task begins, at most 900
 * @param options.isNew true if the caller has just stored the plan, so that nothing can have been sent yet
 */
export async function dispatchRun(
  plan: Plan,
  publishCheckSeconds: number,
  { store, extractQueue, publishQueue, log }: DispatchPorts,
  { delaySeconds = 0, isNew = false }: { readonly delaySeconds?: number; readonly isNew?: boolean } = {},
): Promise<void> {
  const { runId } = plan;
  if (!isNew && (await store.head(dispatchedKey(runId)))) return;
  await sendTasks(plan, plan.tasks, extractQueue, delaySeconds);
  const body: PublishMessage = { runId, check: 0 };
  const checkSeconds = plan.tasks.length === 0 ? 0 : delaySeconds + publishCheckSeconds;
  await publishQueue.send([{ body, delaySeconds: Math.min(maxDelaySeconds, checkSeconds) }]);
  await writeJson(store, dispatchedKey(runId), {});
  log.info('The run is planned.', { runId, kind: plan.kind, tasks: plan.tasks.length });
}

/** Sends tasks to the extract queue. A task that is sent twice is done once. */
export async function sendTasks(
  { runId, startedAt: runStartedAt }: Plan,
  tasks: readonly Task[],
  extractQueue: Queue,
  delaySeconds = 0,
): Promise<void> {
  const delay = Math.min(maxDelaySeconds, delaySeconds);
  await extractQueue.send(
    tasks.map((task) => ({
      body: { runId, runStartedAt, task, continuation: 0 } satisfies ExtractMessage,
      ...(delay > 0 ? { delaySeconds: delay } : {}),
    })),
  );
}
