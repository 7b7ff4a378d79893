import { chunkKey, prefixes } from '../../lambdas/contract/object-keys.ts';
import { readChunk } from '../../lambdas/core/rows/chunk-log.ts';
import type { Snapshot } from '../lake/nightly-tables.ts';
import type { LostFile } from './check-receipt.ts';
import { isForeign, readWhole } from './lake-files.ts';
import { type LakeReading, type LakeRow, LakeState } from './lake-state.ts';
import { type FilePorts, recoverableAt } from './lost-files.ts';

export interface LakeRows {
  /** By key. */
  readonly rows: ReadonlyMap<string, LakeRow>;
  /** As they will be once lost files are made again from their raw chunks; undefined where that changes nothing. */
  readonly recovered: ReadonlyMap<string, LakeRow> | undefined;
  /** Files that are there, cannot be read, and can be made again. */
  readonly unreadable: readonly LostFile[];
  /** Files of the pipeline that are there, cannot be read, and cannot be made again. */
  readonly damaged: readonly string[];
}

const filesAtOnce = 8;

/**
 * @param lost files of the table
 * @param restored the newest complete listing, once lost rows of `pipeline_runs` are written again
 */
export async function readCurrentRows(
  reading: LakeReading,
  { lost, restored }: { readonly lost: readonly LostFile[]; readonly restored: Snapshot | undefined },
  ports: FilePorts,
): Promise<LakeRows> {
  const { store, damage } = ports;
  const state = new LakeState(reading);
  const isOther = restored?.runId !== reading.snapshot?.runId;
  const afterwards = isOther ? new LakeState({ ...reading, snapshot: restored }) : state;
  const keys: string[] = [];
  for await (const { key } of store.list(`${prefixes.lake}${reading.stream.name}/`))
    if (key.endsWith('.parquet')) keys.push(key);
  const unreadable: LostFile[] = [];
  const damaged: string[] = [];
  for (let from = 0; from < keys.length; from += filesAtOnce) {
    await Promise.all(
      keys.slice(from, from + filesAtOnce).map(async (key) => {
        const body = await readWhole(key, store);
        if (body && (await state.addParquet(body))) {
          if (isOther) await afterwards.addParquet(body);
          return;
        }
        if (isForeign(key)) return;
        const known = lost.find((file) => file.key === key);
        const file = known ?? (await recoverableAt(key, ports));
        if (!file?.convertible) damaged.push(key);
        else if (!known) unreadable.push(file);
      }),
    );
  }
  const rows = state.rows();
  const convertible = [...lost, ...unreadable].filter((file) => file.convertible);
  for (const { stream, runId, taskId, sequence } of convertible) {
    const lines = await damage.passOver(() => readChunk(store, chunkKey(stream, runId, taskId, sequence)));
    if (lines) afterwards.addChunk(lines, runId);
  }
  const recovered = convertible.length > 0 || isOther ? afterwards.rows() : undefined;
  return { rows, recovered, unreadable, damaged };
}
