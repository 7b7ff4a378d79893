/** What becomes of work that always fails, and of its run, before and after a replay. */

import { describe, expect, it } from 'vitest';
import { convertMessage } from '../../../lambdas/contract/messages.ts';
import { convertReceiptKey, replayKey } from '../../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import { rowsOf } from '../../support/lake-reader.ts';
import { bug, cutOff, day, down, poisoned, type ReplayWorld, reportOf } from '../../support/replay-world.ts';

const watermarks = (world: ReplayWorld) =>
  pipelineState.parse(world.pipeline.store.json('state/pipeline.json')).watermarks;

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
