import { randomUUID } from 'node:crypto';
import type { ColumnType, ColumnValue } from '../../lambdas/contract/column-types.ts';
import type { Table } from '../../lambdas/contract/stream.ts';
import { expireTable } from '../../lambdas/core/iceberg/expire.ts';
import { type LiveTable, loadTable } from '../../lambdas/core/iceberg/table.ts';
import type { Warehouse } from '../../lambdas/core/iceberg/warehouse.ts';
import { commitTable, type TableChange } from '../../lambdas/core/iceberg/commit.ts';
import type { WrittenFile } from '../../lambdas/core/iceberg/data-file.ts';
import type { Catalog, ObjectStore } from '../../lambdas/core/ports.ts';
import { everyType } from '../support/any-rows.ts';
import { putRows, type TableRow } from '../support/iceberg-table.ts';

/** What an engine reads, and the rows that it must return. */
export interface Reading {
  readonly name: string;
  readonly database: string;
  /** Current tables, or the plain Parquet files of the history, which only Trino reads through Glue. */
  readonly catalog: 'current' | 'history';
  readonly table: string;
  readonly metadataUri: string;
  /** Null reads the current snapshot. */
  readonly snapshot: string | null;
  /** If set, reads the table as it was at this time, in UTC and in the form of SQL. Null: as it is now. */
  readonly time: string | null;
  /** All snapshots of the table, oldest first. */
  readonly snapshots: readonly string[];
  /** If set, reads only the row with this id. */
  readonly id: string | null;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rows: readonly TableRow[];
}

export interface World {
  readonly store: ObjectStore;
  readonly catalog: Catalog;
  readonly warehouse: Warehouse;
}

export const scenarioDatabase = 'lake_db';

const start = Date.parse('2026-05-01T02:00:00.000Z');
const onDay = (day: number) => new Date(start + day * 86_400_000);

/** Extreme values of each type, and texts that engines compare or escape differently. */
const odd: readonly TableRow[] = [
  { id: '', text: '', at: new Date(0), day: new Date(0), count: 0n, share: 0, flag: false, tags: [], free: '{}' },
  { id: '\u{10ffff}', text: '\u{10ffff}'.repeat(20), at: new Date('0001-01-01T00:00:00Z'), tags: [''], free: 'null' },
  {
    id: '\uffff',
    text: '\uffff\ud7ff',
    at: new Date('9999-12-31T23:59:59.999Z'),
    count: 2n ** 63n - 1n,
    tags: ['a', ''],
  },
  { id: '😀', text: 'Zoë 😀 O\'Hara "x"\\', at: new Date('1969-12-31T23:59:59.999Z'), count: -(2n ** 63n), flag: true },
  { id: 'b', text: 'a'.repeat(2_000), at: new Date('2262-04-12T00:00:00.001Z'), count: 2n ** 53n + 1n, share: 5e-324 },
  {
    id: 'c',
    text: 'tab\tline\nnul',
    day: new Date('0001-01-01'),
    share: Number.MAX_VALUE,
    tags: ['😀', 'b'.repeat(300)],
  },
  { id: 'd', day: new Date('9999-12-31'), share: -0.1, free: '{"a":[1,"\\u0000"]}' },
  { id: 'e' },
];
const plain = (at: number): TableRow => ({
  id: `row-${String(at).padStart(8, '0')}`,
  text: at % 3 === 0 ? null : `text ${at % 50}`,
  at: new Date(start + at * 1_001),
  day: new Date(Math.floor(start / 86_400_000 + (at % 900)) * 86_400_000),
  count: BigInt(at),
  share: at / 7,
  flag: at % 2 === 0,
  tags: at % 5 === 0 ? null : Array.from({ length: at % 4 }, (_, tag) => `tag-${tag}`),
});
const plainRows = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => plain(from + at));

const grown: Table = {
  ...everyType,
  columns: {
    ...everyType.columns,
    city: { type: 'string', description: 'Added.' },
    visits: { type: 'string_list', description: 'Added.' },
  },
};

/** Writes tables through their whole life, and returns what each must show at each moment. */
export async function writeScenario(world: World): Promise<Reading[]> {
  return [...(await aLife(world)), ...(await emptyTables(world)), ...(await severalRowGroups(world))];
}

async function commit(
  world: World,
  base: LiveTable | undefined,
  change: Partial<TableChange> & { table: Table; now: Date },
) {
  const whole = { added: [], removed: [], properties: {}, newId: randomUUID, ...change };
  return commitTable(world.store, world.warehouse, base, whole);
}

function reading(
  name: string,
  table: Table,
  live: LiveTable,
  rows: readonly TableRow[],
  {
    id = null,
    snapshot = null,
    time,
  }: { readonly id?: string | null; readonly snapshot?: bigint | null; readonly time?: Date } = {},
): Reading {
  return {
    name: `${table.name}: ${name}`,
    database: scenarioDatabase,
    catalog: 'current',
    table: table.name,
    metadataUri: live.metadataUri,
    snapshot: snapshot === null ? null : String(snapshot),
    time: time?.toISOString().slice(0, 19).replace('T', ' ') ?? null,
    snapshots: live.metadata.snapshots.map((one) => String(one['snapshot-id'])),
    id,
    columns: Object.entries(table.columns).map(([column, { type }]) => ({ name: column, type })),
    rows,
  };
}

/**
 * A table at six moments. Each moment has its own table, because the catalog names only the newest version of a table.
 */
async function aLife(world: World): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (let moment = 1; moment <= 6; moment += 1) {
    const name = `life_${moment}`;
    const life = await live(world, name, moment);
    await world.catalog.point({ ...everyType, name }, life.table);
    readings.push(...life.readings);
  }
  return readings;
}

async function live(world: World, name: string, moments: number): Promise<{ table: LiveTable; readings: Reading[] }> {
  const table = { ...everyType, name };
  const wider = { ...grown, name };
  const { store } = world;
  const must = (next: LiveTable | undefined): LiveTable => {
    if (!next) throw new Error('Nobody else writes.');
    return next;
  };
  const first = [...odd, ...plainRows(0, 500)];
  const added = await Promise.all(
    [odd, plainRows(0, 500)].map((rows) => putRows(store, table, undefined, rows, onDay(0))),
  );
  let now = must(await commit(world, undefined, { table, added, now: onDay(0) }));
  if (moments === 1)
    return { table: now, readings: [reading('first load', table, now, first), ...lookups(table, now, first)] };

  const changed: TableRow[] = odd.slice(1).map((row) => ({ ...row, text: `${String(row['text'])}!` }));
  const [oddFile] = now.files;
  const rewritten = [await putRows(store, table, now, changed, onDay(1))];
  const firstSnapshot = now.snapshotId;
  now = must(await commit(world, now, { table, added: rewritten, removed: oddFile ? [oddFile] : [], now: onDay(1) }));
  const second = [...changed, ...plainRows(0, 500)];
  if (moments === 2)
    return {
      table: now,
      readings: [
        reading('changes and a deletion', table, now, second),
        reading('before the changes', table, now, first, { snapshot: firstSnapshot }),
        reading('half a day before the changes', table, now, first, { time: onDay(0.5) }),
      ],
    };

  const secondSnapshot = now.snapshotId;
  const newRow: TableRow = { ...plain(600), city: 'Århus', visits: ['x', ''] };
  const widened = [await putRows(store, wider, now, [newRow], onDay(2))];
  now = must(await commit(world, now, { table: wider, added: widened, now: onDay(2) }));
  const third = [newRow, ...second];
  if (moments === 3)
    return {
      table: now,
      readings: [
        reading('an added column', wider, now, third),
        reading('before the added column', table, now, second, { snapshot: secondSnapshot }),
        ...lookups(wider, now, third),
      ],
    };

  // Two writers start from the same version but commit one after the other: moto's If-None-Match is not atomic.
  const rivals: { row: TableRow; table: LiveTable | undefined }[] = [];
  for (const city of ['one', 'two']) {
    const row = { ...plain(700), city };
    const file: WrittenFile = await putRows(store, wider, now, [row], onDay(4));
    rivals.push({ row, table: await commit(world, now, { table: wider, added: [file], now: onDay(4) }) });
  }
  const [winner, ...others] = rivals.filter((rival) => rival.table !== undefined);
  if (!winner || others.length > 0) throw new Error('A race has one winner.');
  now = must(winner.table);
  const fourth = [winner.row, ...third];
  if (moments === 4) return { table: now, readings: [reading('a race of two writers', wider, now, fourth)] };

  now = must(await commit(world, now, { table: wider, properties: { note: 'nothing else' }, now: onDay(8.5) }));
  const expired = await expireTable(store, world.warehouse, name, { snapshotDays: 7, now: onDay(9.5) });
  if (moments === 5) await expireTable(store, world.warehouse, name, { snapshotDays: 7, now: onDay(10.6) });
  now = must(await loadTable(store, world.warehouse, name));
  if (expired.snapshots !== 2) throw new Error(`Two snapshots should have ended, not ${expired.snapshots}.`);
  const oldest = now.metadata.snapshots[0]?.['snapshot-id'] ?? null;
  if (moments === 5)
    return {
      table: now,
      readings: [
        reading('an expiry', wider, now, fourth),
        reading('the oldest snapshot after an expiry', wider, now, third, { snapshot: oldest }),
      ],
    };

  now = must(await commit(world, now, { table: wider, removed: now.files, now: onDay(11) }));
  return {
    table: now,
    readings: [
      reading('all rows deleted', wider, now, []),
      reading('before all rows were deleted', wider, now, fourth, {
        snapshot: now.metadata.snapshots.at(-2)?.['snapshot-id'] ?? null,
      }),
    ],
  };
}

function lookups(table: Table, live: LiveTable, rows: readonly TableRow[]): Reading[] {
  const ids = ['row-00000123', '\u{10ffff}', '', 'absent'];
  return ids.map((id) => {
    const found = rows.filter((row: Readonly<Record<string, ColumnValue>>) => row['id'] === id);
    return reading(`the row ${JSON.stringify(id)}`, table, live, found, { id });
  });
}

async function emptyTables(world: World): Promise<Reading[]> {
  const table = { ...everyType, name: 'empty' };
  const empty = await commit(world, undefined, { table, now: onDay(0) });
  if (!empty) throw new Error('Nobody else writes.');
  await world.catalog.point(table, empty);
  return [reading('never had a row', table, empty, [])];
}

/** A table with several files and row groups, whose ids differ only near their end. */
async function severalRowGroups(world: World): Promise<Reading[]> {
  const table = { ...everyType, name: 'large' };
  const rows = plainRows(0, 130_000);
  const halves = [rows.slice(0, 120_000), rows.slice(120_000)];
  const added = await Promise.all(halves.map((half) => putRows(world.store, table, undefined, half, onDay(0))));
  const large = await commit(world, undefined, { table, added, now: onDay(0) });
  if (!large) throw new Error('Nobody else writes.');
  await world.catalog.point(table, large);
  const ids = [0, 49_999, 50_000, 119_999, 120_000, 129_999].map((at) => plain(at));
  return [
    reading('all row groups', table, large, rows),
    ...ids.map((row) => reading(`the row ${String(row['id'])}`, table, large, [row], { id: String(row['id']) })),
  ];
}
