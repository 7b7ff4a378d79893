import type { z } from 'zod';
import {
  convertReceiptsPrefix,
  extractReceiptsPrefix,
  planKey,
  prefixes,
  reportKey,
  roundsPrefix,
} from '../../lambdas/contract/object-keys.ts';
import {
  type ConvertReceipt,
  convertReceipt,
  type ExtractReceipt,
  extractReceipt,
  type Plan,
  plan,
  round,
  type Task,
} from '../../lambdas/contract/run.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { chunkId } from '../../lambdas/core/runs/run-ids.ts';
import { allReceipts } from '../../lambdas/core/runs/task-receipts.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import type { Damage } from './damage.ts';

/** The stored objects of a run (its plan, receipts and report), as far as they exist and can be read. */
export interface RunRecord {
  readonly runId: string;
  readonly plan: Plan | undefined;
  readonly report: RunReport | undefined;
  /** Tasks of the plan, and those that were added to it during the run. */
  readonly tasks: readonly Task[];
  readonly extracted: readonly ExtractReceipt[];
  /** A receipt for each converted chunk: stored by itself, or as part of its task's receipt. */
  readonly converted: readonly ConvertReceipt[];
  /** True if some objects exist but cannot be read. */
  readonly isDamaged: boolean;
  /** True if no object is missing or damaged. Otherwise the functions cannot convert or publish the run again. */
  readonly isWhole: boolean;
}

export async function readRunRecord(runId: string, store: ObjectStore, damage: Damage): Promise<RunRecord> {
  const readAll = async <T>(prefix: string, schema: z.ZodType<T>): Promise<T[]> => {
    const keys: string[] = [];
    for await (const { key } of store.list(prefix)) keys.push(key);
    const read = await inBatches(keys, (key) => damage.readJson(store, key, schema));
    return read.flatMap((one) => one ?? []);
  };
  const planned = await damage.readJson(store, planKey(runId), plan);
  const rounds = await readAll(roundsPrefix(runId), round);
  const extracted = allReceipts(rounds, await readAll(extractReceiptsPrefix(runId), extractReceipt));
  const embedded = extracted.flatMap(({ converted }) => converted ?? []);
  const own = await readAll(convertReceiptsPrefix(runId), convertReceipt);
  const byChunk = new Map([...embedded, ...own].map((one) => [chunkId(one.taskId, one.sequence), one]));
  const record = {
    runId,
    plan: planned,
    report: await damage.readJson(store, reportKey(runId), runReport),
    tasks: [...(planned?.tasks ?? []), ...rounds.flatMap(({ tasks }) => tasks)],
    extracted,
    converted: [...byChunk.values()],
  };
  const isDamaged = damage.keys.some((key) => key.startsWith(`${prefixes.runs}${runId}/`));
  return { ...record, isDamaged, isWhole: !isDamaged && isWhole(record) };
}

function isWhole({ plan, report, tasks, extracted, converted }: Omit<RunRecord, 'isDamaged' | 'isWhole'>): boolean {
  const [planned, over] = [new Set(tasks.map(({ taskId }) => taskId)), new Set(extracted.map(({ taskId }) => taskId))];
  const reported = Object.values(report?.tables ?? {}).reduce((sum, { files }) => sum + files, 0);
  const found = converted.reduce((sum, { files, forgotten }) => sum + files.length + (forgotten?.files ?? 0), 0);
  const hasTasks = over.isSubsetOf(planned) && (report?.status !== 'complete' || planned.isSubsetOf(over));
  return plan !== undefined && hasTasks && found >= reported;
}
