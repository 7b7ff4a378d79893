import { chunkKey } from '../../lambdas/contract/object-keys.ts';
import { runId as runIdSchema, taskId as taskIdSchema } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { readChunk } from '../../lambdas/core/rows/chunk-file.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { forgottenOn, isRow, parseRawLine } from '../../lambdas/core/rows/raw-line.ts';
import { readConversion } from '../../lambdas/core/runs/convert-receipts.ts';
import { createRowParser } from '../../lambdas/core/rows/rows.ts';
import { DamagedObjectError } from '../../lambdas/core/store/stored-object.ts';
import type { Damage } from '../lake/damage.ts';
import { rowId } from '../lake/row-id.ts';

export interface ChunkName {
  readonly stream: string;
  readonly runId: string;
  readonly taskId: string;
  readonly sequence: number;
}

/** A line of a raw chunk, without its row. */
export interface ChunkRow {
  /** Number of the line, from 0, as in `rejected_rows`. */
  readonly line: number;
  /** The row's key as text. Null if the row has no usable key and is in `rejected_rows`. */
  readonly id: string | null;
  readonly requestId: string | null;
  /** When the API gave the row; for a forgotten row, null. */
  readonly extractedAt: string | null;
  /** The UTC day on which the row was removed to forget a person. */
  readonly forgottenOn?: string;
}

/** The parts of a raw chunk's key; undefined for any other key. */
export function chunkName(key: string): ChunkName | undefined {
  const [, stream = '', runId = '', taskId = '', sequence] =
    /^raw\/([a-z0-9_]+)\/([^/]+)\/([^/]+)\/(\d{6,})\.ndjson\.gz$/.exec(key) ?? [];
  const isOne = runIdSchema.safeParse(runId).success && taskIdSchema.safeParse(taskId).success;
  return isOne && sequence !== undefined ? { stream, runId, taskId, sequence: Number(sequence) } : undefined;
}

/**
 * The rows of a chunk in order; undefined if it has expired. Lines that only say that a parent or id returned nothing
 * are skipped.
 * @throws DamagedObjectError
 */
export async function readChunkRows(
  stream: Stream,
  { runId, taskId, sequence }: ChunkName,
  store: ObjectStore,
): Promise<ChunkRow[] | undefined> {
  const key = chunkKey(stream.name, runId, taskId, sequence);
  const lines = await readChunk(store, key);
  const parser = createRowParser(stream, runId);
  try {
    return lines?.flatMap((text, line): ChunkRow[] => {
      const day = forgottenOn(text);
      if (day !== undefined) return [{ line, id: null, requestId: null, extractedAt: null, forgottenOn: day }];
      if (!isRow(text)) return [];
      const raw = parseRawLine(text);
      const parsed = parser.parse(raw);
      const id = 'row' in parsed ? rowId(stream, parsed.row) : null;
      return [{ line, id, requestId: raw.meta.request_id, extractedAt: raw.meta.extracted_at }];
    });
  } catch {
    throw new DamagedObjectError(key, 'holds lines that the pipeline has not written');
  }
}

/** Keys of the Parquet files of the history that a chunk was converted to. Empty if its receipt is missing or damaged. */
export async function filesOf(chunk: ChunkName, store: ObjectStore, damage: Damage): Promise<string[]> {
  const receipt = await damage.skipIfDamaged(() => readConversion(store, chunk));
  return receipt?.value.files.map(({ key }) => key) ?? [];
}
