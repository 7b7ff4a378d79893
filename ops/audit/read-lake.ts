import { currentTablePrefix } from '../../lambdas/contract/current-keys.ts';
import type { ColumnValue } from '../../lambdas/contract/column-types.ts';
import { currentTableOf, type Stream, type Table } from '../../lambdas/contract/stream.ts';
import { approvalKey } from '../../lambdas/contract/object-keys.ts';
import { parseKeyJson } from '../../lambdas/core/current/delete-rows.ts';
import { compareKeys, type Key, keyJson, parseKey } from '../../lambdas/core/current/keys.ts';
import { type FileSlot, openDraft, type TableDraft } from '../../lambdas/core/current/table-draft.ts';
import { readColumns, type RowColumns } from '../../lambdas/core/iceberg/data-file.ts';
import { readObject } from '../../lambdas/core/store/stored-object.ts';
import { fingerprintsOf } from '../lake/changed-columns.ts';
import { Damage } from '../lake/damage.ts';
import type { Target } from '../target.ts';
import { comparedColumns, comparedRow } from './compared-row.ts';
import type { ComparedRow } from './compare-rows.ts';

/** A data file that the newest version of a current table names but that is missing or damaged. */
export interface LostDataFile {
  readonly table: string;
  readonly key: string;
  readonly rows: number;
  readonly why: 'gone' | 'of another size' | 'not readable';
}

/** A current table as it was when it was opened. Its files never change, and are kept for at least a day. */
export interface TableSnapshot {
  readonly rows: number;
  /** Data files that are missing or damaged. The list grows while rows are read. */
  readonly lost: readonly LostDataFile[];
  /** Keys of the rows that runs deleted on approval lately, by run. Empty if the API has no path for one row. */
  readonly approved: ReadonlyMap<string, readonly Key[]>;
  /** The rows sorted by key, without those of lost files. */
  read(): AsyncGenerator<ComparedRow>;
  /** The fingerprints of these columns of the rows with these keys, by the key as JSON. */
  contentOf(keys: readonly Key[], columns: readonly string[]): Promise<Map<string, Uint32Array>>;
}

type Tables = Pick<Target, 'store' | 'warehouse'> & { readonly damage: Damage };

/** Opens the newest version of a current table. Undefined if it cannot be read; then `damage` has the reason. */
export async function openSnapshot(stream: Stream, ports: Tables): Promise<TableSnapshot | undefined> {
  const opened = await openCurrent(currentTableOf(stream), ports);
  if (!opened) return undefined;
  const { draft, lost } = opened;
  return {
    rows: draft.slots.reduce((sum, { file }) => sum + file.rows, 0),
    lost,
    approved: stream.byId === undefined ? new Map() : await deletedOnApproval(draft, ports.store),
    async *read() {
      for (const slot of draft.slots) {
        if (lost.some(({ key }) => key === slot.file.key)) continue;
        const columns = await readSlot(slot, draft, comparedColumns(stream), ports);
        if (columns) yield* rowsOf(stream, columns);
        else lost.push({ ...slotOf(stream.name, slot), why: 'not readable' });
      }
    },
    async contentOf(keys, columns) {
      const found = new Map<string, Uint32Array>();
      const wanted = new Set(keys.map(keyJson));
      for (const slot of draft.slots.filter((each) => keys.some((key) => isIn(each, key)))) {
        const read = await readSlot(slot, draft, [...comparedColumns(stream), ...columns], ports);
        for (const row of read ? tableRows(read) : []) {
          const key = keyJson(comparedRow(stream, row).key);
          if (wanted.has(key)) found.set(key, fingerprintsOf(stream, row, columns));
        }
      }
      return found;
    },
  };
}

async function deletedOnApproval(
  { table, state }: TableDraft,
  store: Target['store'],
): Promise<ReadonlyMap<string, readonly Key[]>> {
  const isInteger = table.key.map((name) => table.columns[name]?.type === 'integer');
  const byRun = Map.groupBy(Object.entries(state.deleted), ([, { runId }]) => runId);
  const found = new Map<string, readonly Key[]>();
  for (const [runId, rows] of byRun)
    if (await store.head(approvalKey(runId)))
      found.set(
        runId,
        rows.map(([name]) => parseKey(parseKeyJson(name), isInteger)),
      );
  return found;
}

function isIn({ lower, upper }: FileSlot, key: Key): boolean {
  return compareKeys(lower, key) <= 0 && compareKeys(key, upper) <= 0;
}

/** The newest version of a table, and its data files that are missing or have another size. */
export async function openCurrent(
  table: Table,
  { store, warehouse, damage }: Tables,
): Promise<{ draft: TableDraft; lost: LostDataFile[] } | undefined> {
  const draft = await damage.skipIfDamaged(() => openDraft(table, { store, warehouse }));
  if (!draft) return undefined;
  const sizes = new Map<string, number>();
  for await (const { key, size } of store.list(currentTablePrefix(table.name))) sizes.set(key, size);
  const lost = draft.slots.flatMap((slot): LostDataFile[] => {
    const size = sizes.get(slot.file.key);
    if (size === slot.file.bytes) return [];
    return [{ ...slotOf(table.name, slot), why: size === undefined ? 'gone' : 'of another size' }];
  });
  return { draft, lost };
}

function slotOf(table: string, { file: { key, rows } }: FileSlot): Omit<LostDataFile, 'why'> {
  return { table, key, rows };
}

/** The rows of one data file. Undefined if the file cannot be read. */
async function readSlot(
  { file }: FileSlot,
  { schema }: TableDraft,
  columns: readonly string[],
  { store }: Tables,
): Promise<RowColumns | undefined> {
  return new Damage().skipIfDamaged(async () => {
    const object = await readObject(store, file.key);
    return object && readColumns(file.key, object.body, schema, columns);
  });
}

function* rowsOf(stream: Stream, columns: RowColumns): Generator<ComparedRow> {
  for (const row of tableRows(columns)) yield comparedRow(stream, row);
}

function* tableRows(columns: RowColumns): Generator<Record<string, ColumnValue>> {
  const names = Object.keys(columns);
  for (const index of (columns['_digest'] ?? []).keys())
    yield Object.fromEntries(names.map((name) => [name, columns[name]?.[index] ?? null]));
}
