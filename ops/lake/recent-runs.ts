import { extractReceiptsPrefix, prefixes, reportKey, roundsPrefix } from '../../lambdas/contract/object-keys.ts';
import { runKind } from '../../lambdas/contract/run.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { scheduledAtOf } from '../../lambdas/core/runs/run-ids.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';

/** What the object keys of a run show about it. */
export interface ListedRun {
  readonly runId: string;
  readonly hasReport: boolean;
  readonly rounds: number;
  /** Number of tasks that have ended. */
  readonly tasksRead: number;
}

const day = 86_400_000;

/** Runs of the last days, including those under way. Newest first. */
export async function recentRuns(store: ObjectStore, now: Date, days: number): Promise<ListedRun[]> {
  const dates = Array.from({ length: days }, (_, back) =>
    new Date(now.getTime() - back * day).toISOString().slice(0, 10).replaceAll('-', ''),
  );
  const keys = new Map<string, string[]>();
  await inBatches(
    dates.flatMap((date) => runKind.options.map((kind) => `${prefixes.runs}${kind}-${date}T`)),
    async (prefix) => {
      for await (const { key } of store.list(prefix)) {
        const runId = key.split('/')[1] ?? '';
        const ofRun = keys.get(runId);
        if (ofRun) ofRun.push(key);
        else keys.set(runId, [key]);
      }
    },
  );
  const timeOf = ({ runId }: ListedRun) => scheduledAtOf(runId).getTime();
  return [...keys].map(([runId, all]) => listedRun(runId, all)).toSorted((a, b) => timeOf(b) - timeOf(a));
}

function listedRun(runId: string, keys: readonly string[]): ListedRun {
  const below = (prefix: string) => keys.filter((key) => key.startsWith(prefix)).length;
  return {
    runId,
    hasReport: keys.includes(reportKey(runId)),
    rounds: below(roundsPrefix(runId)),
    tasksRead: below(extractReceiptsPrefix(runId)),
  };
}
