import { dispatchedKey } from '../../contract/object-keys.ts';
import type { ExtractMessage, PublishMessage } from '../../contract/messages.ts';
import type { Plan } from '../../contract/run.ts';
import type { Log, ObjectStore, Queue } from '../ports.ts';
import { writeJson } from '../store/stored-json.ts';

export interface DispatchPorts {
  readonly store: ObjectStore;
  readonly extractQueue: Queue;
  readonly publishQueue: Queue;
  readonly log: Log;
}

const maxDelaySeconds = 900;

/** Sends the first messages of a planned run, unless all of them have been sent; then says so. */
export async function dispatchRun(
  plan: Plan,
  publishCheckSeconds: number,
  { store, extractQueue, publishQueue, log }: DispatchPorts,
): Promise<void> {
  const { runId, startedAt: runStartedAt } = plan;
  if (await store.head(dispatchedKey(runId))) return;
  await extractQueue.send(
    plan.tasks.map((task) => ({ body: { runId, runStartedAt, task, continuation: 0 } satisfies ExtractMessage })),
  );
  const body: PublishMessage = { runId, check: 0 };
  await publishQueue.send([{ body, delaySeconds: Math.min(maxDelaySeconds, publishCheckSeconds) }]);
  await writeJson(store, dispatchedKey(runId), {});
  log.info('The run is planned.', { runId, kind: plan.kind, tasks: plan.tasks.length });
}
