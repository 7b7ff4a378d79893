import { chunkKey, prefixes } from '../../lambdas/contract/object-keys.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { type LakeReading, type LakeRow, LakeState } from './lake-state.ts';
import type { Snapshot } from '../lake/nightly-tables.ts';
import { readListed } from '../lake/read-listed.ts';
import { type LostFile, lostFileAt } from './lost-files.ts';

export interface LakeRows {
  /** By key. */
  readonly rows: ReadonlyMap<string, LakeRow>;
  /** As they will be once lost files are made again from their raw chunks; undefined where that changes nothing. */
  readonly recovered: ReadonlyMap<string, LakeRow> | undefined;
  /** Files that are there, and cannot be read. */
  readonly unreadable: readonly LostFile[];
}

const filesAtOnce = 8;

/**
 * @param lost files of the table
 * @param restored the newest complete listing, once lost rows of `pipeline_runs` are written again
 */
export async function readCurrentRows(
  reading: LakeReading,
  { lost, restored }: { readonly lost: readonly LostFile[]; readonly restored: Snapshot | undefined },
  store: ObjectStore,
): Promise<LakeRows> {
  const state = new LakeState(reading);
  const isOther = restored?.runId !== reading.snapshot?.runId;
  const afterwards = isOther ? new LakeState({ ...reading, snapshot: restored }) : state;
  const keys: string[] = [];
  for await (const { key } of store.list(`${prefixes.lake}${reading.stream.name}/`))
    if (key.endsWith('.parquet')) keys.push(key);
  const unreadable: LostFile[] = [];
  for (let from = 0; from < keys.length; from += filesAtOnce) {
    await Promise.all(
      keys.slice(from, from + filesAtOnce).map(async (key) => {
        const object = await readListed(key, store);
        if (isOther) await afterwards.addParquet(object.body);
        if ((await state.addParquet(object.body)) || lost.some((file) => file.key === key)) return;
        const file = await lostFileAt(key, store);
        if (file) unreadable.push(file);
      }),
    );
  }
  const rows = state.rows();
  const convertible = [...lost, ...unreadable].filter((file) => file.convertible);
  for (const { stream, runId, taskId, sequence } of convertible) {
    const chunk = await store.get(chunkKey(stream, runId, taskId, sequence));
    if (chunk) afterwards.addChunk(chunk.body, runId);
  }
  return { rows, recovered: convertible.length > 0 || isOther ? afterwards.rows() : undefined, unreadable };
}
