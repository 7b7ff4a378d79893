import { z } from 'zod';
import { prefixes } from '../../lambdas/contract/object-keys.ts';
import { currentTableOf, type Stream } from '../../lambdas/contract/stream.ts';
import { readCurrent } from '../../lambdas/core/current/read-current.ts';
import type { Damage } from '../lake/damage.ts';
import { readRows } from '../lake/read-rows.ts';
import { rowId } from '../lake/row-id.ts';
import type { Target } from '../target.ts';

/** Ids and times of one version of a row. */
export interface Version {
  readonly table: string;
  readonly id: string;
  readonly runId: string;
  readonly extractedAt: Date;
  readonly updatedAt: Date | null;
  readonly deletedAt: Date | null;
  readonly requestId: string | null;
  readonly digest: string | null;
  /** True if the current table has this version. */
  readonly isCurrent: boolean;
  /**
   * File of the history that has the version; null if only the current table still has it. `index` is the row's number
   * in the file, from 0.
   */
  readonly file: string | null;
  readonly index: number;
}

export type Tables = Pick<Target, 'store' | 'warehouse'>;
type IsWanted = (version: Pick<Version, 'id' | 'requestId'>) => boolean;

const text = z.string().nullish();
const time = z.date().nullish();
const versionRow = z.object({
  _run_id: z.string(),
  _extracted_at: z.date(),
  _request_id: text,
  _digest: text,
  _deleted_at: time,
  updated_at: time.catch(null),
});

/**
 * The wanted versions: first those of the history, file by file, then current ones that the history lacks. Unreadable
 * files are skipped.
 */
export async function* findVersions(
  stream: Stream,
  tables: Tables,
  damage: Damage,
  isWanted: IsWanted,
): AsyncGenerator<Version> {
  const { store } = tables;
  const current =
    (await damage.skipIfDamaged(() => findCurrent(stream, tables, isWanted))) ?? new Map<string, Version>();
  for await (const { key: file } of store.list(`${prefixes.lake}${stream.name}/`)) {
    if (!file.endsWith('.parquet')) continue;
    const parse = (row: Record<string, unknown>, index: number) => versionOf(stream, row, { file, index });
    for (const version of (await damage.skipIfDamaged(() => readRows(file, columnsOf(stream), parse, store))) ?? [])
      if (isWanted(version)) yield { ...version, isCurrent: current.delete(nameOf(version)) };
  }
  yield* current.values();
}

async function findCurrent(stream: Stream, tables: Tables, isWanted: IsWanted): Promise<Map<string, Version>> {
  const found = new Map<string, Version>();
  const columns = columnsOf(stream).filter((name) => name in currentTableOf(stream).columns);
  for await (const rows of readCurrent(currentTableOf(stream), columns, tables)) {
    for (const index of (rows['_run_id'] ?? []).keys()) {
      const row = Object.fromEntries(columns.map((name) => [name, rows[name]?.[index]]));
      const version = { ...versionOf(stream, row, { file: null, index }), isCurrent: true };
      if (isWanted(version)) found.set(nameOf(version), version);
    }
  }
  return found;
}

function columnsOf({ key }: Stream): string[] {
  return [...key, ...Object.keys(versionRow.shape)];
}

function versionOf(
  stream: Stream,
  row: Readonly<Record<string, unknown>>,
  place: Pick<Version, 'file' | 'index'>,
): Version {
  const parsed = versionRow.parse(row);
  return {
    table: stream.name,
    id: rowId(stream, row),
    runId: parsed._run_id,
    extractedAt: parsed._extracted_at,
    updatedAt: parsed.updated_at ?? null,
    deletedAt: parsed._deleted_at ?? null,
    requestId: parsed._request_id ?? null,
    digest: parsed._digest ?? null,
    isCurrent: false,
    ...place,
  };
}

function nameOf({ id, runId, extractedAt, digest }: Version): string {
  return JSON.stringify([id, runId, extractedAt, digest]);
}

/** True if a person's input names this row, by its whole key or by the key's last value. */
export function isNamed(id: string, wanted: string): boolean {
  return id === wanted || id.endsWith(`/${wanted}`);
}
