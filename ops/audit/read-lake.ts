import { z } from 'zod';
import { prefixes } from '../../lambdas/contract/object-keys.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { readParquet } from '../../lambdas/core/parquet/read.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { isSnapshot } from '../../lambdas/streams/views.ts';
import { type Copy, CurrentState } from './current-state.ts';
import type { Snapshot } from './nightly-tables.ts';
import { digestOf, keyText, timeOf } from './row-version.ts';

/** The current row of a key, as far as it is compared. */
export interface LakeRow {
  readonly updatedAt: number | null;
  /** Of the columns that are compared, where there is no `updatedAt`. */
  readonly digest: string | null;
  /** When the row was last changed, else created, as far as it says. */
  readonly changedAt: number | null;
  /** When a copy of it was last read. */
  readonly lastReadAt: number;
}

interface LakeCopy extends Copy {
  readonly digest: string | null;
  readonly createdAt: number | null;
}

const meta = z.object({ _run_id: z.string(), _extracted_at: z.date(), _deleted_at: z.date().nullish() });
const metaNames = ['_run_id', '_extracted_at', '_deleted_at'];
const filesAtOnce = 8;

export interface LakeReading {
  readonly stream: Stream;
  /** The newest complete listing of the table, where there is one. */
  readonly snapshot: Snapshot | undefined;
  /** Columns of {@link digestOf}. */
  readonly compared: readonly string[];
}

/**
 * The current rows of a table, exactly those of its view, by key. Files are read some at a time; of a row is
 * kept what is compared.
 * @param unreadable takes the keys of files that are no Parquet
 */
export async function readCurrentRows(
  reading: LakeReading,
  store: ObjectStore,
  unreadable: (key: string) => void,
): Promise<Map<string, LakeRow>> {
  const state = new CurrentState<LakeCopy>();
  const keys: string[] = [];
  for await (const { key } of store.list(`${prefixes.lake}${reading.stream.name}/`))
    if (key.endsWith('.parquet')) keys.push(key);
  for (let from = 0; from < keys.length; from += filesAtOnce) {
    await Promise.all(
      keys.slice(from, from + filesAtOnce).map(async (key) => {
        const object = await store.get(key);
        if (object && !(await addFile(object.body, reading, state))) unreadable(key);
      }),
    );
  }
  const rows = new Map<string, LakeRow>();
  for (const { key, copy, lastReadAt } of state.rows()) {
    const { updatedAt, digest, createdAt } = copy;
    rows.set(key, { updatedAt, digest, changedAt: updatedAt ?? createdAt, lastReadAt });
  }
  return rows;
}

/** @returns false where the file cannot be read */
async function addFile(
  body: Uint8Array,
  { stream, snapshot, compared }: LakeReading,
  state: CurrentState<LakeCopy>,
): Promise<boolean> {
  let rows: Record<string, unknown>[];
  let versions: Record<string, unknown>[] | undefined;
  try {
    rows = await readParquet(body, [...stream.key, 'updated_at', 'created_at', ...metaNames]);
    const needsDigest = rows.some((row) => row['updated_at'] === null && row['_deleted_at'] === null);
    versions = needsDigest ? await readParquet(body, compared) : undefined;
  } catch {
    return false;
  }
  for (const [index, row] of rows.entries()) {
    const { _run_id: runId, _extracted_at: extracted, _deleted_at: deleted } = meta.parse(row);
    const extractedAt = extracted.getTime();
    if (snapshot && isSnapshot(stream) && runId !== snapshot.runId && extractedAt < snapshot.startedAt) continue;
    const key = keyText(stream, row);
    if (deleted) {
      state.bury(key, deleted.getTime());
      continue;
    }
    const updatedAt = timeOf(row['updated_at']);
    const digest = updatedAt === null ? digestOf(versions?.[index] ?? {}, compared) : null;
    state.add(key, { updatedAt, extractedAt, runId, digest, createdAt: timeOf(row['created_at']) });
  }
  return true;
}
