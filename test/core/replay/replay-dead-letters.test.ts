import { describe, expect, it } from 'vitest';
import { convertMessage } from '../../../lambdas/contract/messages.ts';
import {
  abortedKey,
  chunkKey,
  convertReceiptKey,
  planKey,
  replayKey,
  reportKey,
} from '../../../lambdas/contract/object-keys.ts';
import { runReport } from '../../../lambdas/contract/run-report.ts';
import { pipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import { ColumnValueError, UnavailableError } from '../../../lambdas/core/errors.ts';
import { rowsOf } from '../../support/lake-reader.ts';
import { KillableProcess } from '../../support/killable-process.ts';
import { day, ReplayWorld } from '../../support/replay-world.ts';
import { stride } from '../../support/tries.ts';

const streams = ['lead_messages', 'campaigns', 'identity'];
const bug = new ColumnValueError('Column body was given a number.');
const down = new UnavailableError('The API does not answer.');

/** The world after a night in which no chunk of lead_messages could be converted. */
async function poisoned(of = streams): Promise<ReplayWorld> {
  const world = new ReplayWorld(of);
  world.conversionError = { table: 'lead_messages', error: bug };
  await world.night();
  return world;
}

/** The world after a night in which the API's list of leads stopped answering after the first page. */
async function cutOff(of = streams): Promise<ReplayWorld> {
  const world = new ReplayWorld(of, { leads: 3, pageSize: 1, timeoutSeconds: 1 });
  world.requestError = (path, query) => (path === '/leads' && query['cursor'] !== undefined ? down : undefined);
  await world.night();
  return world;
}

const watermarks = (world: ReplayWorld) =>
  pipelineState.parse(world.pipeline.store.json('state/pipeline.json')).watermarks;
const reportOf = (world: ReplayWorld, night = 0) =>
  runReport.parse(world.pipeline.store.json(reportKey(world.runIds[night] ?? '')));

describe('a chunk that always fails', () => {
  it('becomes a dead letter with the reason, and the run is partial and names the chunk', async () => {
    const world = await poisoned();
    const { status, tables } = reportOf(world);
    expect(status).toBe('partial');
    expect(Object.values(tables).map((table) => table.status)).toEqual(
      Object.keys(tables).map((name) => (name === 'lead_messages' ? 'failed' : 'complete')),
    );
    const [letter] = await world.survey();
    expect(letter).toMatchObject({ runId: world.runIds[0], reason: bug.toFailure(), cannotResendBecause: undefined });
    const chunk = letter?.what.replace('chunk ', '') ?? '';
    expect(tables['lead_messages']?.error?.message).toMatch(/^Chunk \S+ was not converted: Column body/);
    expect((await world.survey()).map(({ what }) => what)).toContain(`chunk ${chunk}`);
    expect(watermarks(world)).not.toHaveProperty('lead_messages');
  });

  it('is loaded by a replay after the fix, and the run is complete and announced again', async () => {
    const world = await poisoned();
    world.conversionError = undefined;
    await world.replay();
    expect((await world.drain())?.status).toBe('complete');
    expect(await world.faults()).toEqual([]);
    expect(world.pipeline.announced.map(({ detail }) => detail['status'])).toEqual(['partial', 'complete']);
  });

  it('is loaded even if the deadline of its run is long past', async () => {
    const world = await poisoned();
    world.clock.advance(9 * day);
    world.conversionError = undefined;
    await world.replay();
    expect((await world.drain())?.status).toBe('complete');
    expect(await world.faults()).toEqual([]);
  });

  it('is loaded even after later nights, and no watermark moves back', async () => {
    const world = await poisoned();
    world.conversionError = undefined;
    await world.night();
    const before = watermarks(world);
    await world.replay();
    await world.drain();
    expect(reportOf(world).status).toBe('complete');
    expect(watermarks(world)).toEqual(before);
    expect(await world.faults()).toEqual([]);
  });

  it('becomes a dead letter again if the cause remains, and the run says so and stops waiting', async () => {
    const world = await poisoned();
    const letters = world.pipeline.deadLetters.length;
    await world.replay();
    expect(world.pipeline.deadLetters).toHaveLength(0);
    const report = await world.drain();
    expect(report).toMatchObject({ status: 'partial', tables: { lead_messages: { error: { code: 'column_value' } } } });
    expect(world.pipeline.deadLetters).toHaveLength(letters);
    expect(world.pipeline.announced).toHaveLength(2);
    world.conversionError = undefined;
    await world.replay();
    await world.drain();
    expect(await world.faults()).toEqual([]);
  });

  it('keeps its failure until it is retried, and the run waits for it', async () => {
    const world = await poisoned();
    world.conversionError = undefined;
    await world.replay();
    const { queues } = world.pipeline;
    const work = queues.withdraw('convert');
    expect(await world.pipeline.step()).toBeUndefined();
    expect(reportOf(world).status).toBe('partial');
    await queues.queue('convert').send(work.map((body) => ({ body })));
    expect((await world.drain())?.status).toBe('complete');
  });

  it('keeps its failure if it is not retried before the deadline of the replay', async () => {
    const world = await poisoned();
    await world.replay();
    world.pipeline.queues.withdraw('convert');
    const report = await world.drain();
    expect(world.clock.now().getTime()).toBeGreaterThan(Date.parse('2026-11-26T02:00:00.000Z'));
    expect(report).toMatchObject({ status: 'partial', tables: { lead_messages: { error: { code: 'column_value' } } } });
  });

  it('is loaded even if its function died and left no reason', async () => {
    const world = await poisoned();
    const lost = convertMessage.parse(world.pipeline.deadLetters[0]);
    world.pipeline.store.objects.delete(convertReceiptKey(lost.runId, lost.taskId, lost.sequence));
    world.clock.advance(3 * day);
    expect((await world.survey())[0]).toMatchObject({ reason: undefined, cannotResendBecause: undefined });
    world.conversionError = undefined;
    await world.replay();
    await world.drain();
    expect(await world.faults()).toEqual([]);
  });

  it('is loaded even if the clock of the replaying machine is behind', async () => {
    const world = await poisoned();
    const behind = world.clock.now().getTime() - Date.parse('2026-11-24T01:58:00.000Z');
    world.clock.advance(-behind);
    await world.replay();
    world.clock.advance(behind);
    const replayed = world.pipeline.store.json(replayKey(world.runIds[0] ?? ''));
    expect(replayed).toMatchObject({ at: '2026-11-24T02:00:00.001Z' });
    const { queues } = world.pipeline;
    const work = queues.withdraw('convert');
    expect(await world.pipeline.step()).toBeUndefined();
    world.conversionError = undefined;
    await queues.queue('convert').send(work.map((body) => ({ body })));
    await world.drain();
    expect(await world.faults()).toEqual([]);
  });
});

describe('a task that always fails', () => {
  it('is loaded together with the children that it had not planned yet', async () => {
    const world = await cutOff();
    const before = (await rowsOf(world.pipeline.store, 'leads')).length;
    expect(reportOf(world)).toMatchObject({ status: 'partial', tables: { leads: { error: { code: 'unavailable' } } } });
    expect((await world.survey('extract'))[0]).toMatchObject({
      reason: down.toFailure(),
      cannotResendBecause: undefined,
    });
    world.requestError = undefined;
    await world.replay('extract');
    expect((await world.drain())?.status).toBe('complete');
    expect(await world.faults()).toEqual([]);
    expect((await rowsOf(world.pipeline.store, 'leads')).length).toBeGreaterThan(before);
  });
});

describe('a replay', () => {
  it.each([
    ['chunks', poisoned, 'convert'],
    ['tasks', cutOff, 'extract'],
  ] as const)(
    'of %s that is killed before or after any of its steps, and repeated, loads everything',
    { timeout: 120_000 },
    async (_, broken, queue) => {
      let [points, first] = [0, 0];
      for (const when of ['before', 'after'] as const) {
        for (const workMeanwhile of [false, true]) {
          for (let at = first % stride; ; at += stride) {
            const world = await broken(['lead_messages']);
            [world.conversionError, world.requestError] = [undefined, undefined];
            const process = new KillableProcess({ at, when });
            await world.replay(queue, process).catch(() => undefined);
            if (!process.isDead) break;
            points += 1;
            if (workMeanwhile) await world.drain();
            world.pipeline.queues.deadLetters.extract.expireVisibility();
            world.pipeline.queues.deadLetters.convert.expireVisibility();
            await world.replay(queue);
            await world.drain();
            // The check that a killed replay requested may have found the replay under way.
            await world.drain();
            expect(
              await world.faults(),
              `${when} step ${at}, ${workMeanwhile ? 'with' : 'without'} work meanwhile`,
            ).toEqual([]);
          }
          first += 1;
        }
      }
      expect(points).toBeGreaterThan(20 / stride);
    },
  );

  it('of messages that were already replayed changes nothing', async () => {
    const world = await poisoned();
    const letters = world.pipeline.deadLetters;
    world.conversionError = undefined;
    await world.replay();
    await world.drain();
    const tables = world.pipeline.store.keys('lake/');
    for (const letter of letters) world.pipeline.queues.deadLetters.convert.add(letter);
    await world.replay();
    await world.drain();
    expect(await world.faults()).toEqual([]);
    expect(world.pipeline.store.keys('lake/')).toEqual(tables);
    expect(world.pipeline.announced).toHaveLength(2);
  });

  it('takes as many dead letters as the limit allows, and leaves the rest', async () => {
    const world = new ReplayWorld(streams, { pageSize: 1, timeoutSeconds: 1 });
    world.conversionError = { table: 'leads', error: bug };
    await world.night();
    const letters = world.pipeline.deadLetters.length;
    expect(letters).toBeGreaterThan(2);
    expect(await world.replay('convert', undefined, 2)).toHaveLength(2);
    expect(world.pipeline.deadLetters).toHaveLength(letters - 2);
    world.conversionError = undefined;
    await world.drain();
    expect(reportOf(world).status).toBe('partial');
    await world.replay();
    await world.drain();
    expect(await world.faults()).toEqual([]);
  });
});

describe('a dead letter that cannot be sent again', () => {
  it.each<[string, (world: ReplayWorld) => void, RegExp]>([
    [
      'whose run was stopped',
      ({ pipeline, runIds }) =>
        void pipeline.store.put(
          abortedKey(runIds[0] ?? ''),
          JSON.stringify({ code: 'unauthorized', message: 'The key was refused.', requestId: null }),
        ),
      /was stopped: The key was refused/,
    ],
    [
      'whose run has expired',
      ({ pipeline, runIds }) => void pipeline.store.objects.delete(planKey(runIds[0] ?? '')),
      /has no plan any more/,
    ],
    [
      'whose raw chunk has expired',
      ({ pipeline }) => {
        for (const letter of pipeline.deadLetters) {
          const { stream, runId, taskId, sequence } = convertMessage.parse(letter);
          pipeline.store.objects.delete(chunkKey(stream, runId, taskId, sequence));
        }
      },
      /raw chunk .* is gone/,
    ],
  ])('%s stays in the queue, and says why', async (_, spoil, why) => {
    const world = await poisoned();
    spoil(world);
    const letters = world.pipeline.deadLetters;
    for (const { cannotResendBecause } of await world.replay()) expect(cannotResendBecause).toMatch(why);
    expect(world.pipeline.deadLetters).toEqual(letters);
    expect(world.pipeline.queues.withdraw('convert')).toEqual([]);
    expect(await world.survey()).toHaveLength(letters.length);
  });

  it.each(['', '{"runId"', '{"runId": 5}', '"ada@example.com"'])(
    'that is not a message of this queue stays, and its content is not shown: %j',
    async (body) => {
      const world = await poisoned();
      world.conversionError = undefined;
      world.pipeline.queues.deadLetters.convert.addText(body);
      const views = await world.replay();
      expect(views.filter(({ cannotResendBecause }) => cannotResendBecause !== undefined)).toMatchObject([
        { what: 'not a message of this queue' },
      ]);
      expect(JSON.stringify(views)).not.toContain('ada@');
      await world.drain();
      expect(reportOf(world).status).toBe('complete');
      expect(await world.survey()).toHaveLength(1);
    },
  );
});
