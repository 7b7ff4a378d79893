import { describe, expect, it, vi } from 'vitest';
import { currentTablePrefix, versionOf } from '../../../lambdas/contract/current-keys.ts';
import type { ObjectStore } from '../../../lambdas/core/ports.ts';
import { changedStore } from '../../support/changed-store.ts';
import { ForgetWorld, person, personTexts } from '../../support/forget-world.ts';
import { objectsHolding } from '../../support/person-search.ts';

vi.setConfig({ testTimeout: 900_000 });

/** A workspace with the person's data in every place. The person and another lead have changed since the last night. */
async function changedWorld(): Promise<ForgetWorld> {
  const world = new ForgetWorld({ remembersImmutable: true });
  await world.plant();
  const { workspace } = world.workspace;
  workspace.update('leads', person.id, { title: `${person.words} again` });
  const other = world.workspace.rows('leads').find(({ id }) => id !== person.id);
  workspace.update('leads', String(other?.['id']), { title: 'Changed tonight' });
  workspace.create('lead_activities', { summary: `${person.words} tonight` }, person.id);
  return world;
}

/** A store that calls `before` ahead of each write. */
function interrupted(store: ObjectStore, before: (key: string) => Promise<void>): ObjectStore {
  return changedStore(store, {
    async put(key, body, options) {
      await before(key);
      return store.put(key, body, options);
    },
  });
}

/** What is wrong with a workspace after `ops forget` ran during a night; empty if nothing is. */
async function faultsOf(world: ForgetWorld): Promise<string[]> {
  // Rows of other tables may quote the person. They are not deleted, because the API still returns them.
  const quoting = /support_tickets|rejected_rows/;
  const held = (await objectsHolding(world.pipeline.store, personTexts)).filter((key) => !quoting.test(key));
  const { missing, different, deleted } = await world.differences();
  const isOther = (row: string) => !personTexts.some((text) => row.includes(text)) && !quoting.test(row);
  // Checks only tables whose ids show whether a row is the person's. The ids of the person's children do not show that.
  const ofOthers = missing.filter((row) => /^(leads|campaigns|inbox_threads): /.test(row) && isOther(row));
  const { files } = await world.audit();
  return [
    ...held.map((key) => `${key} holds the person`),
    ...[...ofOthers, ...different.filter(isOther), ...deleted].map((row) => `${row} is not what the API says`),
    ...[...files.lost, ...files.missingRecords].map((key) => `the audit misses ${String(key)}`),
  ];
}

describe('a person who is forgotten beside a night', () => {
  it('is gone when the night ends complete, and stays gone, at whichever step of the night', async () => {
    const faults: string[] = [];
    let steps = 0;
    for (let after = 0; ; after += 3) {
      const world = await changedWorld();
      const { pipeline } = world;
      const plan = await pipeline.plan();
      for (let step = 0; step < after && pipeline.queues.length > 0; step += 1) await pipeline.step();
      if (pipeline.queues.length === 0) break;
      steps += 1;
      const isBusy = async () => pipeline.queues.length > 0;
      await world.forget(undefined, { isBusy, wait: () => pipeline.settle() });
      const report = pipeline.reports.findLast(({ runId }) => runId === plan?.runId);
      if (report?.status !== 'complete') faults.push(`after step ${after}: the night ends ${report?.status}`);
      faults.push(...(await faultsOf(world)).map((fault) => `after step ${after}: ${fault}`));
      await world.night();
      faults.push(...(await faultsOf(world)).map((fault) => `the night after, after step ${after}: ${fault}`));
    }
    expect(faults).toEqual([]);
    expect(steps).toBeGreaterThan(5);
  });

  it('is gone if the night takes a step before each write of the forgetting', async () => {
    const world = await changedWorld();
    const { pipeline } = world;
    const plan = await pipeline.plan();
    const isBusy = async () => pipeline.queues.length > 0;
    const store = interrupted(pipeline.store, async () => {
      if (pipeline.queues.length > 0) await pipeline.step();
    });
    await world.forget(undefined, { store, isBusy, wait: () => pipeline.settle() });
    expect(pipeline.reports.findLast(({ runId }) => runId === plan?.runId)?.status).toBe('complete');
    expect(await faultsOf(world)).toEqual([]);
  });
});

it('a forgetting that loses the commit to a night that began meanwhile starts over with what the night wrote', async () => {
  const world = await changedWorld();
  const { pipeline } = world;
  const lost: string[] = [];
  let merged = false;
  const store = interrupted(pipeline.store, async (key) => {
    if (!key.startsWith(currentTablePrefix('leads')) || versionOf(key) === undefined) return;
    if (!merged) {
      merged = true;
      await pipeline.run();
    }
    if (await pipeline.store.head(key)) lost.push(key);
  });
  await world.forget(undefined, { store });
  await pipeline.settle();
  expect(lost).toHaveLength(1);
  expect((await pipeline.rows('leads')).map(({ title }) => title)).toContain('Changed tonight');
  expect(await faultsOf(world)).toEqual([]);
});
