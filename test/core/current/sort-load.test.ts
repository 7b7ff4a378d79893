import { describe, expect, it } from 'vitest';
import { loadTable } from '../../../lambdas/core/iceberg/table.ts';
import { parquetFooter } from '../../../lambdas/core/rows/parquet/read-columns.ts';
import { readObject } from '../../../lambdas/core/store/stored-object.ts';
import { people } from '../../support/current-streams.ts';
import { at, CurrentWorld, smallLimits, type TestCopy } from '../../support/current-world.ts';
import { ample } from '../../support/fixed-clock.ts';
import { warehouse } from '../../support/iceberg-table.ts';

const name = (number: number) => `p${String(number).padStart(3, '0')}`;
const person = (number: number, title: string, asked: number): TestCopy => ({
  id: name(number),
  title,
  _extracted_at: at(asked),
  _digest: title,
});
const list = (asked: number) => ({ kind: 'list', taskId: 'people.0', askedAt: at(asked).toISOString() }) as const;

describe('a load that takes several batches', () => {
  const rows = 600;
  const shuffled = Array.from({ length: rows }, (_, place) => person((place * 37) % rows, 'one', 0));
  const task = {
    chunks: Array.from({ length: rows / 10 }, (_, at) => shuffled.slice(10 * at, 10 * at + 10)),
    scope: list(0),
  };

  function emptyWorld(): CurrentWorld {
    const world = new CurrentWorld();
    world.limits = { ...smallLimits, leastRows: 10, mostRows: 20, batchRows: 30, loadRows: rows };
    return world;
  }

  /** How many rows all data files have that were ever written. */
  async function rowsWritten({ store }: CurrentWorld): Promise<number> {
    let written = 0;
    for await (const { key } of store.list('current/people/data/'))
      written += Number(parquetFooter((await readObject(store, key))?.body ?? new Uint8Array()).num_rows);
    return written;
  }

  /** Merges until this many versions are committed, then has no time left. */
  async function mergeSteps(world: CurrentWorld, steps: number) {
    let left = steps;
    world.deadline = { remainingMilliseconds: () => ((left -= 1) >= 0 ? 600_000 : 60_000) };
    const result = await world.merge(people, [task]);
    world.deadline = ample;
    return result;
  }

  it('is sorted by key first, so that its batches do not rewrite the files of each other', async () => {
    const world = emptyWorld();
    expect(await world.merge(people, [task])).toMatchObject({ done: true, rows, counts: { inserted: rows } });
    expect((await world.rows(people)).map(({ id }) => id)).toEqual(
      Array.from({ length: rows }, (_, number) => name(number)),
    );
    expect(await rowsWritten(world)).toBeLessThan(3 * rows);
  });

  it('is committed range by range, and goes on where it stopped without being sorted again', async () => {
    const world = emptyWorld();
    expect(await mergeSteps(world, 1)).toMatchObject({ done: false, rows: 0 });
    const { rows: first } = await mergeSteps(world, 1);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(30);
    expect(await world.merge(people, [task])).toMatchObject({ done: true, rows, counts: { inserted: rows } });
    expect(await rowsWritten(world)).toBeLessThan(3 * rows);
  });

  it('is sorted again if its files may have expired', async () => {
    const world = emptyWorld();
    await mergeSteps(world, 2);
    const base = await loadTable(world.store, warehouse, 'people');
    const named = new Set(base?.files.map(({ key }) => key));
    for await (const { key } of world.store.list('current/people/data/'))
      if (!named.has(key)) await world.store.delete(key);
    world.clock.advance(12 * 3_600_000);
    expect(await world.merge(people, [task])).toMatchObject({ done: true, rows });
  });

  it('heals only rows of the chunks that were reread', async () => {
    const world = new CurrentWorld();
    world.limits = { ...smallLimits, loadRows: 20 };
    const ten = (from: number, title: string, asked: number) =>
      Array.from({ length: 10 }, (_, place) => [person(from + place, title, asked)]);
    await world.merge(people, [{ chunks: [...ten(0, 'one', 0), ...ten(10, 'one', 0)], scope: list(0) }]);
    const half = (from: number, flags: { reread?: true }) => ({ chunks: ten(from, 'two', 60), flags });
    const { counts } = await world.merge(people, [half(0, { reread: true }), half(10, {})], { runId: 'nightly-2' });
    expect(counts).toMatchObject({ updated: 20, healed: 10 });
  });
});
