import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pipelineRuns } from '../../../lambdas/contract/pipeline-tables.ts';
import { type Stream, tableOf } from '../../../lambdas/contract/stream.ts';
import { writeParquet } from '../../../lambdas/core/rows/parquet/write.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { currentStateSql, historyName } from '../../../lambdas/streams/views.ts';
import { Damage } from '../../../ops/lake/damage.ts';
import { Recovery } from '../../../ops/audit/recovery.ts';
import { readNightlyTables } from '../../../ops/lake/nightly-tables.ts';
import { readCurrentRows } from '../../../ops/audit/read-lake.ts';
import { digestOf, keyText } from '../../../ops/lake/row-version.ts';
import { createTable, emptyDuckdb, fillTable } from '../../support/lake-tables.ts';
import { MemoryStore } from '../../support/memory-store.ts';

/** The rows that an audit takes for current, against the view on DuckDB. Times are minutes of one day, so that they often tie. */

const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 0, minute));
const nightlyId = (minute: number) => `nightly-20261124T00${String(minute).padStart(2, '0')}00000Z`;
const minutes = fc.integer({ min: 0, max: 9 });

const runs = fc.uniqueArray(
  fc.record({
    kind: fc.constantFrom('nightly', 'nightly', 'refresh'),
    status: fc.constantFrom('complete', 'complete', 'partial'),
    started: minutes,
  }),
  { selector: ({ started }) => started, minLength: 1, maxLength: 4 },
);

const copy = fc.record({
  key: fc.integer({ min: 1, max: 2 }),
  run: fc.nat({ max: 3 }),
  updated: fc.option(minutes),
  after: fc.integer({ min: 0, max: 5 }),
  deleted: fc.integer({ min: 0, max: 3 }).map((draw) => draw === 0),
});

/** Column that tells copies apart. */
const marks: Record<string, string> = { leads: 'title', campaigns: 'status', import_errors: 'message' };

describe.each(['leads', 'campaigns', 'import_errors'])('the current rows of %s', (name) => {
  const stream = streamNamed(name);
  const mark = marks[name] ?? '';
  const hasTime = 'updated_at' in stream.columns;

  it('are those of the view, whatever was read when', { timeout: 60_000 }, async () => {
    const connection = await emptyDuckdb();
    await createTable(connection, historyName(stream), tableOf(stream));
    await createTable(connection, pipelineRuns.name, pipelineRuns);
    await fc.assert(
      fc.asyncProperty(runs, fc.array(copy, { maxLength: 9 }), async (drawnRuns, drawn) => {
        const ran = drawnRuns.map((run) => ({
          ...run,
          id: run.kind === 'nightly' ? nightlyId(run.started) : nightlyId(run.started).replace('nightly', 'refresh'),
        }));
        const store = new MemoryStore();
        const seen = new Set<string>();
        const rows = drawn.flatMap(({ key, run: chosen, updated, after, deleted }, index) => {
          const run = ran[chosen % ran.length] ?? { id: '', started: 0 };
          const extracted = run.started + after;
          // Copies that tie in all that orders them: any of them is the current one.
          const name = JSON.stringify([key, updated, extracted, run.id]);
          if (!deleted && seen.has(name)) return [];
          if (!deleted) seen.add(name);
          return [
            { key, run: run.id, updated: deleted || !hasTime ? null : updated, extracted, deleted, mark: `m${index}` },
          ];
        });
        const parsed = rows
          .filter(
            ({ deleted, extracted, key, run }, index) =>
              hasTime ||
              deleted ||
              rows.findIndex(
                (one) => !one.deleted && one.key === key && one.run === run && one.extracted === extracted,
              ) === index,
          )
          .map((row) => ({
            ...Object.fromEntries(Object.keys(tableOf(stream).columns).map((column) => [column, null])),
            ...keyOf(stream, row.key),
            ...(row.updated === null ? {} : { updated_at: at(row.updated) }),
            [mark]: row.mark,
            _run_id: row.run,
            _extracted_at: at(row.extracted),
            _deleted_at: row.deleted ? at(row.extracted) : null,
          }));
        for (const { id } of ran) {
          const own = parsed.filter((row) => row._run_id === id);
          await store.put(`lake/${name}/dt=2026-11-24/${id}-x.0-000000.parquet`, writeParquet(tableOf(stream), own));
        }
        const told = ran.map(({ id, kind, status, started }) => ({
          run_id: id,
          table_name: name,
          kind,
          run_status: status,
          status,
          started_at: at(started),
        }));
        for (const row of told)
          await store.put(`lake/pipeline_runs/dt=2026-11-24/${row.run_id}.parquet`, writeParquet(pipelineRuns, [row]));

        await fillTable(connection, historyName(stream), parsed.map(cells));
        await fillTable(connection, pipelineRuns.name, told.map(cells));
        const keys = stream.key.map((column) => `CAST("${column}" AS VARCHAR)`).join(', ');
        const reader = await connection.runAndReadAll(
          `SELECT ${mark}, ${hasTime ? 'epoch_ms(updated_at)' : 'NULL'}, ${keys} FROM (${currentStateSql(stream)})`,
        );
        const wanted = reader.getRows().map(([marked, updated, ...key]) => {
          const row = Object.fromEntries(stream.key.map((column, index) => [column, key[index]]));
          return [keyText(stream, row), updated === null ? digestOf({ [mark]: marked }, [mark]) : Number(updated)];
        });

        const { complete } = await readNightlyTables(store);
        const reading = { stream, snapshot: complete.get(name), compared: [mark] };
        const { rows: current, unreadable } = await readCurrentRows(
          reading,
          { lost: [], restored: reading.snapshot },
          portsOf(store),
        );
        expect(unreadable).toEqual([]);
        expect([...current].map(([key, { updatedAt, digest }]) => [key, updatedAt ?? digest]).toSorted()).toEqual(
          wanted.toSorted(),
        );
      }),
      { numRuns: 40 },
    );
    connection.closeSync();
  });
});

function portsOf(store: MemoryStore) {
  const damage = new Damage();
  return { store, damage, recovery: new Recovery(store, damage) };
}

function keyOf(stream: Stream, key: number): Record<string, string | bigint> {
  return Object.fromEntries(
    stream.key.map((column) => [column, stream.columns[column]?.type === 'integer' ? BigInt(key) : `key ${key}`]),
  );
}

function cells(row: Readonly<Record<string, unknown>>): Record<string, string | number | null> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value instanceof Date) return [name, value.toISOString()];
      return [name, value === null || value === undefined ? null : String(value)];
    }),
  );
}

describe('a lake that is compacted while it is read', () => {
  it('is not called short of rows: the command says that it has to be run again', async () => {
    const store = new MemoryStore();
    const stream = streamNamed('leads');
    await store.put('lake/leads/dt=2026-11-24/compacted-a1.parquet', writeParquet(tableOf(stream), []));
    const overtaken = Object.assign(Object.create(store), { get: async () => undefined }) as MemoryStore;
    const nothing = { lost: [], restored: undefined };
    const reading = { stream, snapshot: undefined, compared: [] };
    await expect(readCurrentRows(reading, nothing, portsOf(overtaken))).rejects.toThrow(
      /was replaced .* Run the command again/,
    );
    await expect(readCurrentRows(reading, nothing, portsOf(store))).resolves.toMatchObject({ unreadable: [] });
  });

  it('knows the nights of compacted files of pipeline_runs', async () => {
    const store = new MemoryStore();
    const blank = Object.fromEntries(Object.keys(pipelineRuns.columns).map((name) => [name, null]));
    const row = {
      run_id: nightlyId(1),
      table_name: 'campaigns',
      kind: 'nightly',
      status: 'complete',
      started_at: at(1),
    };
    const body = writeParquet(pipelineRuns, [{ ...blank, ...row }]);
    await store.put('lake/pipeline_runs/dt=2026-11-24/compacted-a1.parquet', body);
    const { complete } = await readNightlyTables(store);
    expect(complete.get('campaigns')).toEqual({ runId: nightlyId(1), startedAt: at(1).getTime() });
  });
});
