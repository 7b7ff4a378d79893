/** Records which work of a run was sent again. */

import { replayKey } from '../../contract/object-keys.ts';
import { type ConvertReceipt, type ExtractReceipt, type Plan, type Replay, replay } from '../../contract/run.ts';
import type { Clock, ObjectStore } from '../ports.ts';
import { updateJson } from '../store/stored-json.ts';

/** Time until which publish waits for a run. */
export function deadlineOf(plan: Plan, replayed: Replay | undefined): string {
  return replayed ? later(plan.deadline, replayed.deadline) : plan.deadline;
}

/** Number of receipts that the replay found and that nothing has replaced yet. */
export function stillAwaited(evidence: {
  readonly replay: Replay | undefined;
  readonly extractReceipts: ReadonlyMap<string, ExtractReceipt>;
  readonly convertReceipts: ReadonlyMap<string, ConvertReceipt>;
}): number {
  const { extractReceipts, convertReceipts } = evidence;
  return Object.entries(evidence.replay?.awaited ?? {}).filter(
    ([id, found]) => (extractReceipts.get(id) ?? convertReceipts.get(id))?.finishedAt === found,
  ).length;
}

/**
 * Records that work of a run is sent again. Publish then checks the run again, and gives it the plan's whole time anew,
 * counted from now. Call this before the work is sent, and once more for each further replay.
 * @param awaited as in {@link Replay}
 */
export async function recordReplay(
  plan: Plan,
  awaited: ReadonlyMap<string, string>,
  { store, clock }: { store: ObjectStore; clock: Clock },
): Promise<Replay> {
  const now = clock.now().getTime();
  const span = Date.parse(plan.deadline) - Date.parse(plan.startedAt);
  const none: Replay = { at: plan.startedAt, deadline: plan.deadline, awaited: {} };
  return updateJson(store, replayKey(plan.runId), replay, none, (former) => ({
    at: new Date(Math.max(now, Date.parse(former.at) + 1)).toISOString(),
    deadline: later(former.deadline, new Date(now + span).toISOString()),
    awaited: { ...former.awaited, ...Object.fromEntries(awaited) },
  }));
}

function later(one: string, other: string): string {
  return Date.parse(one) > Date.parse(other) ? one : other;
}
