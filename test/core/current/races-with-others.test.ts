/** Races between a merge and others that write to its table: a backfill, a replay, an expiry, a repair. */

import { describe, expect, it } from 'vitest';
import { currentTableOf } from '../../../lambdas/contract/stream.ts';
import type { MergeInput } from '../../../lambdas/core/current/merge-input.ts';
import { mergeTable } from '../../../lambdas/core/current/merge-table.ts';
import { type MergePorts, openDraft } from '../../../lambdas/core/current/table-draft.ts';
import { expireTable } from '../../../lambdas/core/iceberg/expire.ts';
import { loadTable } from '../../../lambdas/core/iceberg/table.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import type { Audit } from '../../../ops/audit/audit.ts';
import { planRepair } from '../../../ops/audit/repair.ts';
import { expectOneAfterTheOther, type Writer } from '../../support/current-races.ts';
import { at, CurrentWorld, smallLimits, type TestCopy } from '../../support/current-world.ts';
import { warehouse } from '../../support/iceberg-table.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const leads = streamNamed('leads');
const day = 24 * 60;
const lead = (id: string, title: string, asked: number, updated = 0): TestCopy => ({
  id,
  title,
  updated_at: at(updated),
  _extracted_at: at(asked),
  _digest: title,
});
const many = (count: number, title: string, asked: number, updated = 0) =>
  Array.from({ length: count }, (_, number) => lead(`lead_${10 + number}`, title, asked, updated));
const list = (asked: number) => ({ kind: 'list', taskId: 'leads.0', askedAt: at(asked).toISOString() }) as const;
const merging =
  (input: MergeInput): Writer =>
  (ports) =>
    mergeTable(leads, input, ports);

/** Twelve leads in several data files. */
async function begun(): Promise<CurrentWorld> {
  const world = new CurrentWorld(new MemoryStore());
  world.limits = { ...smallLimits, batchRows: 1_000 };
  await world.merge(leads, [{ chunks: [many(12, 'first', 1)], scope: list(0) }], { runId: 'nightly-1' });
  return world;
}

/** Moves the catalog to the newest version, as the next merge does. */
async function follow({ store, catalog }: Pick<MergePorts, 'store' | 'catalog'>): Promise<void> {
  const live = await loadTable(store, warehouse, 'leads');
  if (live) await catalog.point(leads, live);
}

const nightly = (world: CurrentWorld, asked = 60) =>
  world.input(leads, [{ chunks: [[lead('lead_21', 'changed', asked, asked), lead('new', 'created', asked, asked)]] }], {
    runId: 'nightly-2',
  });

/** Each test repeats a merge some fifty times, each time overtaken at another step. */
const patient = { timeout: 120_000 };

describe('a merge ends as if one had followed the other', patient, () => {
  it('beside a backfill, which believes no time of the source, wherever it starts', async () => {
    const world = await begun();
    const night = merging(await nightly(world));
    const backfill = await world.input(leads, [{ chunks: [many(11, 'again', 70)], scope: list(69) }], {
      runId: 'backfill-1',
      forced: true,
    });
    expect(await expectOneAfterTheOther(world, leads, night, merging(backfill))).toBeGreaterThan(10);
    expect(await expectOneAfterTheOther(world, leads, merging(backfill), night)).toBeGreaterThan(10);
  });

  it('beside a replay of its run, which converted a chunk again', async () => {
    const world = await begun();
    const input = await nightly(world);
    const again = await world.input(leads, [{ chunks: [[lead('lead_20', 'found by the replay', 60, 60)]] }], {
      runId: 'nightly-2',
    });
    const replay = { ...input, chunks: [...input.chunks, ...again.chunks.map((chunk) => ({ ...chunk, id: 'again' }))] };
    expect(await expectOneAfterTheOther(world, leads, merging(input), merging(replay))).toBeGreaterThan(10);
    expect(await expectOneAfterTheOther(world, leads, merging(replay), merging(input))).toBeGreaterThan(10);
  });

  it('beside an expiry, which takes nothing that a snapshot still names', async () => {
    const world = await begun();
    for (let night = 1; night <= 12; night += 1) {
      world.clock.advance(day * 60_000);
      const chunks = [many(12, `night ${night}`, night * day, night * day)];
      await world.merge(leads, [{ chunks }], { runId: `nightly-1${night}` });
    }
    world.clock.advance(day * 60_000);
    const night = merging(await nightly(world, 13 * day));
    const expiry: Writer = async ({ store, catalog, clock }) => {
      await expireTable(store, warehouse, 'leads', { snapshotDays: 3, now: clock.now() });
      await follow({ store, catalog });
    };
    expect(await expectOneAfterTheOther(world, leads, night, expiry)).toBeGreaterThan(10);
    expect(await expectOneAfterTheOther(world, leads, expiry, night)).toBeGreaterThan(10);
  });

  it('beside a repair, which takes a lost data file out of the table', async () => {
    const world = await begun();
    const night = merging(await nightly(world));
    const { slots } = await openDraft(currentTableOf(leads), world.ports);
    const [{ key, rows } = { key: '', rows: 0 }] = slots.map(({ file }) => file);
    const found: Audit = {
      tables: [],
      lostData: [{ table: 'leads', key, rows, why: 'gone' }],
      files: { lost: [], convertible: [], unlisted: [], foreign: [], missingRecords: [] },
      damage: new Map(),
      requests: 0,
      streams: ['leads'],
    };
    const repair = planRepair(found, { now: at(60), deadlineHours: 1 });
    const noQueue = { send: () => Promise.resolve() };
    const queues = { extractQueue: noQueue, convertQueue: noQueue, publishQueue: noQueue };
    const repairing: Writer = async (ports) => {
      await repair?.begin(1, { ...ports, ...queues });
      await follow(ports);
    };
    expect(await expectOneAfterTheOther(world, leads, night, repairing)).toBeGreaterThan(10);
    expect(await expectOneAfterTheOther(world, leads, repairing, night)).toBeGreaterThan(5);
  });
});
