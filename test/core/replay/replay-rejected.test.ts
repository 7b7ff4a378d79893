import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { chunkKey, parquetFile, planKey, reportKey } from '../../../lambdas/contract/object-keys.ts';
import { runReport } from '../../../lambdas/contract/run-report.ts';
import type { Stream } from '../../../lambdas/contract/stream.ts';
import { ColumnValueError } from '../../../lambdas/core/errors.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { replayRejected } from '../../../ops/commands/replay-rejected.ts';
import { carryOut } from '../../support/carry-out.ts';
import { rowsOf } from '../../support/lake-reader.ts';
import { KillableProcess } from '../../support/killable-process.ts';
import { memoryTarget } from '../../support/memory-target.ts';
import { ReplayWorld } from '../../support/replay-world.ts';
import { stride } from '../../support/tries.ts';

const streams = ['lead_messages', 'campaigns', 'identity'];
const patient = { timeout: 120_000 };

/** An earlier version of a stream: it accepts only leads with a phone number and messages with a subject. */
function earlier(name: string): Stream {
  const stream = streamNamed(name);
  if (name === 'leads') return { ...stream, key: [...stream.key, 'phone'] };
  return name === 'lead_messages' ? { ...stream, key: [...stream.key, 'subject'] } : stream;
}

/** Converts a night's rows with the earlier version of the streams, then goes back to the registry's. */
async function rejecting(version = earlier, of = streams): Promise<ReplayWorld> {
  const world = new ReplayWorld(of);
  world.declarationOf = version;
  await world.night();
  world.declarationOf = streamNamed;
  return world;
}

const reportOf = (world: ReplayWorld) => runReport.parse(world.pipeline.store.json(reportKey(world.runIds[0] ?? '')));
const rejectedIn = (world: ReplayWorld) => rowsOf(world.pipeline.store, 'rejected_rows');

describe('rejected rows', () => {
  it('are loaded by a replay with a version that can read them, and the run is announced again', async () => {
    const world = await rejecting();
    const before = reportOf(world);
    expect(before.status).toBe('complete');
    expect(before.tables['leads']?.rowsRejected).toBeGreaterThan(0);
    const { rows, expired } = await world.replayRejected();
    expect(rows).toBe((await rejectedIn(world)).length);
    expect(expired).toEqual([]);
    expect((await world.drain())?.tables['leads']).toMatchObject({ rowsRejected: 0, status: 'complete' });
    expect(await rejectedIn(world)).toEqual([]);
    expect(await world.faults()).toEqual([]);
    expect(world.pipeline.announced).toHaveLength(2);
  });

  it('that still cannot be read stay rejected, once each', async () => {
    const world = await rejecting();
    world.declarationOf = (name) => (name === 'leads' ? earlier(name) : streamNamed(name));
    await world.replayRejected();
    await world.drain();
    const rows = await rejectedIn(world);
    expect(new Set(rows.map((row) => row['table_name']))).toEqual(new Set(['leads']));
    expect(rows).toHaveLength(reportOf(world).tables['leads']?.rowsRejected ?? 0);
    expect(await world.replayRejected()).toMatchObject({ rows: rows.length });
  });

  it('are counted before and after: those that this version can read, and those that stay', async () => {
    const world = await rejecting();
    const target = { ...memoryTarget(world), local: { out: 'lake', isSimulated: true, isRunning: false } };
    const unbound = { run: undefined, table: undefined };
    const messages = reportOf(world).tables['lead_messages']?.rowsRejected ?? 0;
    const { told, outcome } = await carryOut(await replayRejected.prepare(target, { ...unbound, table: 'leads' }));
    expect(told).toMatch(/: 1 row in 1 chunk of leads\nThis version can read the 1 rejected row\.\n/);
    expect(outcome.lines.join()).toBe(
      '1 chunk of 1 run sent to be converted again. This version can read the 1 rejected row.',
    );
    const { store } = world.pipeline;
    const [file = ''] = store.keys('lake/rejected_rows/');
    const { runId = '', taskId = '', sequence = 0 } = parquetFile(file) ?? {};
    const chunk = chunkKey(taskId.split('.')[0] ?? '', runId, taskId, sequence);
    const lines = gunzipSync((await store.get(chunk))?.body ?? '').toString();
    await store.put(chunk, gzipSync(lines.replace('"row":{"id":', '"row":{"former_id":')));
    const some = await replayRejected.prepare(target, unbound);
    expect(some.lines.join('\n')).toContain(
      `This version can read ${messages - 1} of ${messages} rejected rows; 1 still has no usable key and stays in rejected_rows.`,
    );
  });

  it('of which this version can read none are not sent again', async () => {
    const world = await rejecting();
    const { store } = world.pipeline;
    for (const key of store.keys('raw/leads/')) {
      const lines = gunzipSync((await store.get(key))?.body ?? '').toString();
      await store.put(key, gzipSync(lines.replaceAll('"row":{"id":', '"row":{"former_id":')));
    }
    const told = await replayRejected.prepare(memoryTarget(world), { run: undefined, table: 'leads' });
    expect(told).not.toHaveProperty('act');
    expect(told.lines.at(-1)).toBe('Nothing is to do, and nothing was sent.');
    expect(told.lines.join('\n')).toContain('This version can read 0 of');
  });

  it('of one run or one table can be replayed without the others', async () => {
    const world = await rejecting();
    const of = async (wanted: Parameters<ReplayWorld['replayRejected']>[0]) =>
      (await world.replayRejected(wanted)).chunks;
    expect(await of({ runId: 'nightly-20000101T000000000Z' })).toBe(0);
    expect(await of({ table: 'campaigns' })).toBe(0);
    const leads = await of({ table: 'leads' });
    const all = await of({ runId: world.runIds[0] });
    expect([leads > 0, all > leads]).toEqual([true, true]);
    expect(await of({})).toBe(all);
    await world.drain();
    expect(await world.faults()).toEqual([]);
  });

  it('whose raw chunk has expired are reported, and the others are loaded', async () => {
    const world = await rejecting();
    const { store } = world.pipeline;
    const [lost = ''] = store.keys('lake/rejected_rows/');
    const { runId = '', taskId = '', sequence = 0 } = parquetFile(lost) ?? {};
    store.objects.delete(chunkKey(taskId.split('.')[0] ?? '', runId, taskId, sequence));
    const { expired } = await world.replayRejected();
    expect(expired).toEqual([lost]);
    await world.drain();
    const left = await rejectedIn(world);
    expect(left.length).toBeGreaterThan(0);
    expect(new Set(left.map((row) => String(row['raw_key']).includes(taskId)))).toEqual(new Set([true]));
    store.objects.delete(planKey(runId));
    expect((await world.replayRejected()).expired.length).toBeGreaterThan(0);
  });

  it('whose conversion now fails stay rejected: the run stays complete, and does not wait', async () => {
    const world = await rejecting();
    const before = reportOf(world);
    world.conversionError = { table: 'leads', error: new ColumnValueError('A bug.') };
    await world.replayRejected({ table: 'leads' });
    const report = await world.drain();
    expect(report?.status).toBe('complete');
    expect(report?.tables).toEqual(before.tables);
    // The run took as long as it took: the replay is no part of it.
    expect(report).toMatchObject({ finishedAt: before.finishedAt, replayedAt: expect.any(String) });
    expect(world.pipeline.deadLetters.length).toBeGreaterThan(0);
    world.conversionError = undefined;
    await world.replay();
    await world.drain();
    expect(reportOf(world).tables['leads']).toMatchObject({ rowsRejected: 0 });
    await world.replayRejected();
    await world.drain();
    expect(await world.faults()).toEqual([]);
  });

  it('are loaded even if the replay is killed before or after any of its steps, and repeated', patient, async () => {
    let [points, first] = [0, 0];
    for (const when of ['before', 'after'] as const) {
      for (const workMeanwhile of [false, true]) {
        for (let at = first % stride; ; at += stride) {
          // Rejects messages but no leads. Leads loaded by the replay would have children to read, and the run is past
          // its deadline.
          const world = await rejecting((name) => (name === 'leads' ? streamNamed(name) : earlier(name)));
          const process = new KillableProcess({ at, when });
          await world.replayRejected({}, process).catch(() => undefined);
          if (!process.isDead) break;
          points += 1;
          if (workMeanwhile) await world.drain();
          await world.replayRejected();
          await world.drain();
          await world.drain();
          expect(await world.faults(), `${when} step ${at}`).toEqual([]);
          expect(await rejectedIn(world)).toEqual([]);
        }
        first += 1;
      }
    }
    expect(points).toBeGreaterThan(20 / stride);
  });
});

describe('a repeated conversion', () => {
  it('leaves no file if this version rejects every row that an earlier version read', async () => {
    const world = new ReplayWorld(streams);
    world.declarationOf = (name) => (name === 'lead_messages' ? earlier(name) : streamNamed(name));
    await world.night();
    const before = reportOf(world).tables['lead_messages'];
    expect(before?.rowsRejected).toBeGreaterThan(0);
    world.declarationOf = (name) => ({ ...streamNamed(name), key: ['no_such_field'] });
    await world.replayRejected();
    await world.drain();
    const { rowsWritten = 0, rowsRejected = 0 } = reportOf(world).tables['lead_messages'] ?? {};
    expect((await rowsOf(world.pipeline.store, 'lead_messages')).length).toBe(rowsWritten);
    expect((await rejectedIn(world)).length).toBe(rowsRejected);
  });
});
