import { parquetKey, partitionDate } from '../../contract/object-keys.ts';
import { type Stream, tableOf } from '../../contract/stream.ts';
import type { ObjectStore } from '../ports.ts';
import { writeParquet } from '../rows/parquet/write.ts';
import type { ParsedRow } from '../rows/rows.ts';
import { compareKeys, keyJson, parseKey } from './keys.ts';
import type { MergeInput } from './merge-input.ts';
import type { MergeState, RunProgress } from './merge-state.ts';
import type { MissingRow } from './missing-rows.ts';
import { rewriteFiles } from './rewrite-files.ts';
import { type MergePorts, remember, type TableDraft } from './table-draft.ts';
import { z } from 'zod';

/**
 * Deletes rows from the draft of the table's next version. Their tombstones are written after the draft is committed.
 */
export async function deleteRows(
  draft: TableDraft,
  rows: readonly MissingRow[],
  { runId, startedAt }: Pick<MergeInput, 'runId' | 'startedAt'>,
  { counts }: RunProgress,
  ports: MergePorts,
): Promise<void> {
  if (rows.length === 0) return;
  const sorted = rows.toSorted((one, other) => compareKeys(one.key, other.key));
  await rewriteFiles(
    draft,
    {
      keys: draft.table.key.map((_, part) => sorted.flatMap(({ key }) => key[part] ?? [])),
      length: sorted.length,
      sourceOf: () => -1,
      row: () => 0,
      columns: () => Promise.resolve({}),
      isInsert: () => false,
    },
    0,
    ports,
  );
  const version = (draft.base?.version ?? 0) + 1;
  for (const { key, askedAt } of sorted) {
    const name = keyJson(key);
    remember(draft, draft.state.suspects, name, undefined);
    remember(draft, draft.state.contested, name, undefined);
    remember(draft, draft.state.seenAt, name, undefined);
    remember(draft, draft.state.deleted, name, { at: askedAt, runId, version });
  }
  counts.deleted += rows.length;
  draft.state.tombstones = { version, runId, startedAt };
}

const keyTextsOf = z.array(z.string());

export function parseKeyJson(name: string): string[] {
  return keyTextsOf.parse(JSON.parse(name));
}

/**
 * Writes a tombstone to the history for each row that a committed version deleted: one file per version. If a process
 * dies before this, the next merge writes the same file.
 */
export async function writeTombstones(stream: Stream, state: MergeState, store: ObjectStore): Promise<void> {
  if (!state.tombstones) return;
  const { version, runId, startedAt } = state.tombstones;
  const table = tableOf(stream);
  const isInteger = table.key.map((name) => table.columns[name]?.type === 'integer');
  const blank: ParsedRow = Object.fromEntries(Object.keys(table.columns).map((name) => [name, null]));
  const rows = Object.entries(state.deleted)
    .filter(([, deletion]) => deletion.version === version)
    .map(([name, { at }]) => {
      const key = parseKey(parseKeyJson(name), isInteger);
      const time = new Date(at);
      const parts = Object.fromEntries(table.key.map((column, part) => [column, key[part] ?? null]));
      return { ...blank, ...parts, _run_id: runId, _extracted_at: time, _deleted_at: time };
    });
  const key = parquetKey(table.name, partitionDate(startedAt), runId, 'deleted', version);
  // `ops forget` may have erased the rows meanwhile.
  if (rows.length === 0) return;
  // A file that exists stays: it may have been rewritten since to erase a person's data.
  await store.put(key, writeParquet(table, rows), { ifAbsent: true });
}
