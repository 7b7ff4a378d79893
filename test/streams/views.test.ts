import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pipelineRuns } from '../../lambdas/contract/pipeline-tables.ts';
import { type Stream, tableOf } from '../../lambdas/contract/stream.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import { currentStateSql, historyName, isSnapshot } from '../../lambdas/streams/views.ts';
import { duckdbTypes } from '../../local/run/lake.ts';
import { athenaTypes, createTable, emptyDuckdb, fillTable } from '../support/lake-tables.ts';

/** One read of a row, or a tombstone. Times are minutes of one day: small numbers, so that they often tie. */
interface Copy {
  /** Values of the key's columns, of two each. */
  readonly key: readonly number[];
  readonly updated: number | null;
  readonly extracted: number;
  readonly deleted: boolean;
  readonly run: string;
  /** What tells copies apart that are otherwise alike. */
  readonly mark: string;
}

interface Run {
  readonly id: string;
  readonly kind: 'nightly' | 'refresh' | 'backfill' | 'export';
  readonly status: 'complete' | 'partial' | 'failed';
  readonly started: number;
}

interface History {
  readonly copies: readonly Copy[];
  readonly runs: readonly Run[];
}

const at = (minute: number) => `2026-11-24T00:${String(minute).padStart(2, '0')}:00.250Z`;
const nightlyId = (minute: number) => `nightly-20261124T00${String(minute).padStart(2, '0')}00250Z`;
const minutes = fc.integer({ min: 0, max: 12 });

/** Nightly runs at distinct minutes, and runs of other kinds between. Each copy belongs to one of them and is read after it began. */
function histories(stream: Stream): fc.Arbitrary<History> {
  const statuses = fc.constantFrom('complete', 'partial', 'failed');
  const nights = fc.uniqueArray(fc.record({ status: statuses, started: minutes }), {
    selector: ({ started }) => started,
    maxLength: 4,
  });
  const others = fc.array(
    fc.record({ kind: fc.constantFrom('refresh', 'backfill', 'export'), status: statuses, started: minutes }),
    { maxLength: 3 },
  );
  return fc.tuple(nights, others).chain(([nightly, rest]) => {
    const runs: Run[] = [
      ...nightly.map((run) => ({ ...run, kind: 'nightly' as const, id: nightlyId(run.started) })),
      ...rest.map((run, index) => ({
        ...run,
        id: `${run.kind}-20261124T00${String(run.started).padStart(2, '0')}00250Z-${index}`,
      })),
    ];
    const one = fc.record({
      key: fc.tuple(...stream.key.map(() => fc.integer({ min: 1, max: 2 }))),
      updated: fc.option(minutes),
      after: fc.integer({ min: 0, max: 5 }),
      // A tombstone is rare, as in life; a history of nothing else proves little.
      deleted: fc.integer({ min: 0, max: 4 }).map((draw) => draw === 0),
      run:
        runs.length === 0 ? fc.constant({ id: 'refresh-20261124T000000250Z', started: 0 }) : fc.constantFrom(...runs),
    });
    return fc.array(one, { maxLength: 10 }).map((drawn) => ({
      runs,
      copies: drawn.map(({ key, updated, after, deleted, run }, index) => ({
        key,
        updated: deleted || !('updated_at' in stream.columns) ? null : updated,
        extracted: run.started + after,
        deleted,
        run: run.id,
        mark: `copy ${index}`,
      })),
    }));
  });
}

/** Marks that may stand for each key that is there. More than one where copies tie in all that orders them. */
function oracle(stream: Stream, { copies, runs }: History): Map<string, Set<string>> {
  let counted = copies;
  if (isSnapshot(stream)) {
    const complete = runs.filter(({ kind, status }) => kind === 'nightly' && status === 'complete');
    const latest = complete.reduce<Run | undefined>((a, b) => (a && a.started > b.started ? a : b), undefined);
    if (latest) counted = copies.filter(({ run, extracted }) => run === latest.id || extracted >= latest.started);
  }
  const present = new Map<string, Set<string>>();
  for (const key of new Set(counted.map((copy) => copy.key.join('/')))) {
    const mine = counted.filter((copy) => copy.key.join('/') === key);
    const living = mine.filter(
      (copy) => !copy.deleted && mine.every((other) => !other.deleted || other.extracted <= copy.extracted),
    );
    const newest = living.filter((copy) => living.every((other) => !isNewer(other, copy)));
    if (newest.length > 0) present.set(key, new Set(newest.map(({ mark }) => mark)));
  }
  return present;
}

function isNewer(a: Copy, b: Copy): boolean {
  if (a.updated !== b.updated) return a.updated !== null && (b.updated === null || a.updated > b.updated);
  if (a.extracted !== b.extracted) return a.extracted > b.extracted;
  return a.run > b.run;
}

async function duckdbWith(stream: Stream, types = duckdbTypes) {
  const connection = await emptyDuckdb();
  await createTable(connection, historyName(stream), tableOf(stream), types);
  await createTable(connection, pipelineRuns.name, pipelineRuns, types);
  return {
    async current({ copies, runs }: History): Promise<[string, string][]> {
      await fillTable(
        connection,
        historyName(stream),
        copies.map((copy) => ({
          ...Object.fromEntries(stream.key.map((column, index) => [column, copy.key[index] ?? 0])),
          ...('updated_at' in stream.columns && { updated_at: copy.updated === null ? null : at(copy.updated) }),
          _run_id: copy.run,
          _extracted_at: at(copy.extracted),
          _deleted_at: copy.deleted ? at(copy.extracted) : null,
          _request_id: copy.mark,
        })),
      );
      await fillTable(
        connection,
        pipelineRuns.name,
        runs.flatMap(({ id, kind, status, started }) => [
          { run_id: id, table_name: stream.name, kind, status, started_at: at(started) },
          // Another table's end says nothing about this one.
          { run_id: id, table_name: 'another_table', kind, status: 'complete', started_at: at(started) },
        ]),
      );
      const key = stream.key.map((column) => `CAST("${column}" AS VARCHAR)`).join(` || '/' || `);
      const reader = await connection.runAndReadAll(
        `SELECT ${key}, _request_id, _deleted_at FROM (${currentStateSql(stream)}) ORDER BY 1`,
      );
      return reader.getRowsJson().map(([name, mark, deleted]) => {
        expect(deleted).toBeNull();
        return [String(name), String(mark)];
      });
    },
  };
}

const kinds = [
  { kind: 'read incrementally', name: 'leads' },
  { kind: 'read where the parent changed', name: 'lead_messages' },
  { kind: 'listed whole', name: 'campaigns' },
  { kind: 'listed whole for each parent', name: 'campaign_runs' },
  { kind: 'listed whole, without a time of change', name: 'import_errors' },
  { kind: 'a single object', name: 'billing_usage' },
] as const;

describe.each(kinds)('the current rows of $name, $kind', ({ name }) => {
  const stream = streamNamed(name);

  it.each([
    ['as DuckDB reads Parquet', duckdbTypes],
    ['with timestamps as in Athena', athenaTypes],
  ])('are those of the oracle in any history, %s', async (_, types) => {
    const duckdb = await duckdbWith(stream, types);
    await fc.assert(
      fc.asyncProperty(histories(stream), async (history) => {
        const current = await duckdb.current(history);
        const expected = oracle(stream, history);
        expect(current.map(([key]) => key)).toEqual([...expected.keys()].toSorted());
        for (const [key, mark] of current) expect(expected.get(key)).toContain(mark);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a lead', () => {
  const leads = streamNamed('leads');
  const lead = { key: [1], updated: 3, extracted: 4, deleted: false, run: nightlyId(4), mark: 'first' };
  const gone = { ...lead, updated: null, extracted: 6, deleted: true, run: 'export-1', mark: 'tombstone' };
  const current = async (...copies: Copy[]) => (await duckdbWith(leads)).current({ copies, runs: [] });

  it('is gone after a tombstone', async () => {
    expect(await current(lead, gone)).toEqual([]);
  });

  it('is back when the API gives it again, though nothing in it changed', async () => {
    expect(await current(lead, gone, { ...lead, extracted: 7, mark: 'again' })).toEqual([['1', 'again']]);
  });

  it('is not shown as it was before it was deleted when it comes back without a time', async () => {
    expect(await current(lead, gone, { ...lead, updated: null, extracted: 7, mark: 'new' })).toEqual([['1', 'new']]);
  });

  it('keeps its newer version when an older one is read late', async () => {
    expect(await current(lead, { ...lead, updated: 2, extracted: 9, mark: 'old' })).toEqual([['1', 'first']]);
  });
});

describe('a campaign', () => {
  const campaigns = streamNamed('campaigns');
  const listed = { key: [1], updated: 1, extracted: 3, deleted: false, run: nightlyId(2), mark: 'listed' };
  const night = (started: number, status: Run['status']): Run => ({
    id: nightlyId(started),
    kind: 'nightly',
    status,
    started,
  });
  const current = async (...runs: Run[]) => (await duckdbWith(campaigns)).current({ copies: [listed], runs });

  it('is gone when a later complete run did not list it', async () => {
    expect(await current(night(2, 'complete'), night(5, 'complete'))).toEqual([]);
  });

  it('stays when a later run that lacks it was partial or failed', async () => {
    expect(await current(night(2, 'complete'), night(5, 'partial'), night(6, 'failed'))).toEqual([['1', 'listed']]);
  });
});

describe('the views', () => {
  it('select the columns of their table in its order, for every stream', async () => {
    for (const stream of streams) {
      const connection = await emptyDuckdb();
      await createTable(connection, historyName(stream), tableOf(stream));
      await createTable(connection, pipelineRuns.name, pipelineRuns);
      const reader = await connection.runAndReadAll(currentStateSql(stream));
      expect(reader.columnNames()).toEqual(Object.keys(tableOf(stream).columns));
    }
  });
});
