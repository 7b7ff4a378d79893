import { describe, expect, it } from 'vitest';
import { convertMessage } from '../../../lambdas/contract/messages.ts';
import { abortedKey, chunkKey, planKey } from '../../../lambdas/contract/object-keys.ts';
import { KillableProcess } from '../../support/killable-process.ts';
import { bug, cutOff, poisoned, replayedStreams, ReplayWorld, reportOf } from '../../support/replay-world.ts';
import { stride } from '../../support/tries.ts';

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
            // Drains once more: if publish finds a replay under way, it repeats its check of the run later.
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

  it('keeps the requests of the attempts that failed in the report', async () => {
    const world = await cutOff(['leads']);
    const before = reportOf(world).tables['leads']?.requests ?? 0;
    expect(before).toBeGreaterThan(2);
    let sent = 0;
    world.requestError = (path) => {
      if (path === '/leads') sent += 1;
      return undefined;
    };
    await world.replay('extract');
    await world.drain();
    expect(reportOf(world)).toMatchObject({ status: 'complete', tables: { leads: { requests: before + sent } } });
  });

  it('takes as many dead letters as the limit allows, and leaves the rest', async () => {
    const world = new ReplayWorld(replayedStreams, { pageSize: 1, timeoutSeconds: 1 });
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

  it('is deleted, and not sent again, if the configuration has switched its table off since', async () => {
    const world = await poisoned();
    world.off = 'lead_messages';
    const why = 'The configuration leaves lead_messages out of streams.';
    expect(await world.survey()).toContainEqual(expect.objectContaining({ isOff: true, cannotResendBecause: why }));
    await world.replay();
    expect(world.pipeline.deadLetters).toEqual([]);
    expect(world.pipeline.queues.withdraw('convert')).toEqual([]);
  });

  it('is deleted once a later night has read its table completely, and no earlier', async () => {
    const world = await poisoned();
    const { pipeline, runIds } = world;
    const refused = { code: 'unauthorized', message: 'The key was refused.', requestId: null };
    await pipeline.store.put(abortedKey(runIds[0] ?? ''), JSON.stringify(refused));
    for (const letter of await world.replay()) expect(letter.doneBy).toBeUndefined();
    expect(pipeline.deadLetters).not.toEqual([]);
    world.conversionError = undefined;
    await world.night();
    for (const letter of await world.survey()) expect(letter.doneBy).toBe(world.runIds[1]);
    await world.replay();
    expect(pipeline.deadLetters).toEqual([]);
    expect(pipeline.queues.withdraw('convert')).toEqual([]);
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
