import { beforeEach, describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../lambdas/core/errors.ts';
import { readForgottenRows } from '../../../lambdas/core/rows/forgotten-rows.ts';
import { forget } from '../../../ops/commands/forget.ts';
import { ForgetWorld, person, personTexts } from '../../support/forget-world.ts';
import { memoryTarget } from '../../support/memory-target.ts';
import { objectsHolding } from '../../support/person-search.ts';

const day = 86_400_000;
let world: ForgetWorld;
beforeEach(async () => {
  world = new ForgetWorld();
  await world.plant();
  await world.forget();
  world.clock.advance(day);
});

/** Nights so far apart that each reads every list whole. */
async function weeks(count: number): Promise<void> {
  for (let week = 0; week < count; week += 1) {
    await world.night();
    world.clock.advance(6 * day);
  }
}

const nightly = () => world.pipeline.reports.filter(({ kind }) => kind === 'nightly');
const reported = () => nightly().at(-1)?.forgotten;
const confirm = () => forget.prepare(memoryTarget(world), forget.input.parse({ id: [person.id], confirm: true }));

async function confirmTwice(): Promise<void> {
  await confirm();
  world.clock.advance(16 * 60_000);
  await confirm();
}

function deleteAtVendor(): void {
  const { workspace } = world.workspace;
  workspace.remove('leads', person.id);
  workspace.remove('inbox_threads', person.threadId);
}

it('a person is released once the vendor has deleted them, and only what the vendor restores later comes back', async () => {
  expect(await confirm()).toEqual({
    lines: [
      'Remembered as forgotten: 1 of 1 id. The API no longer knows 0, and still gives 1.',
      'Delete at the vendor the 1 row that the API still gives.',
    ],
    data: { remembered: 1, notFound: 0, stillGiven: 1, askAgainFrom: null },
    ok: false,
  });
  deleteAtVendor();
  expect(await confirm()).toMatchObject({ data: { remembered: 1, notFound: 1, stillGiven: 0 }, ok: true });
  world.clock.advance(3 * 60_000);
  const lines = async () => (await confirm()).lines.join('\n');
  expect(await lines()).toMatch(/Run this again from \d\d:\d\d:\d\d UTC \(in 12 min\) on\./);
  world.clock.advance(13 * 60_000);
  expect(await lines()).toContain('That is confirmed: two answers, at least 15 minutes apart, said so.');
  // The list of leads was read whole two days ago, so the first of these nights reads its changes only.
  await weeks(5);
  expect(reported()).toEqual({ stillGiven: 0, released: 0, remembered: 2 });
  await weeks(1);
  expect(reported()).toEqual({ stillGiven: 0, released: 2, remembered: 0 });
  expect((await readForgottenRows(world.pipeline.store))?.rows).toEqual({});
  await weeks(1);
  expect(reported()).toBeUndefined();
  const quoting = /support_tickets|rejected_rows/;
  expect((await objectsHolding(world.pipeline.store, personTexts)).filter((key) => !quoting.test(key))).toEqual([]);
  world.workspace.workspace.create('leads', { id: person.id });
  await world.night();
  expect((await world.pipeline.rows('leads')).map(({ id }) => id)).toContain(person.id);
});

describe('a person stays remembered, and out of the lake, if', () => {
  const { configure } = { configure: (settings: object) => world.workspace.simulated.configure(settings) };
  const withoutPerson = (path: string, text: string) => {
    const body = JSON.parse(text) as { data: { id?: string }[] };
    if (!Array.isArray(body.data) || path.includes('{')) return text;
    const data = body.data.filter(({ id }) => id !== person.id && id !== person.threadId);
    return JSON.stringify({ ...body, data });
  };
  it.each<readonly [string, () => Promise<void> | void]>([
    [
      'the vendor has not deleted them, whatever two stray answers of 404 say',
      async () => {
        let asked = 0;
        world.beforeRequest = (path) => {
          asked += path === '/leads/{lead_id}' ? 1 : 0;
          if (path === '/leads/{lead_id}' && asked % 2 === 0) throw new NotFoundError('stray');
        };
        await confirmTwice();
        world.beforeRequest = () => {};
      },
    ],
    [
      'lists hide them, but the API still gives them by id',
      async () => {
        world.respell = withoutPerson;
        await confirmTwice();
      },
    ],
    [
      'nobody asked the API for them by id',
      () => {
        deleteAtVendor();
      },
    ],
    [
      'the API gives empty lists',
      async () => {
        deleteAtVendor();
        await confirmTwice();
        configure({ empty: ['leads', 'inbox_threads'] });
      },
    ],
    [
      'the API gives half of its lists',
      async () => {
        deleteAtVendor();
        await confirmTwice();
        configure({ half: ['leads', 'inbox_threads'] });
      },
    ],
  ])('%s', async (_, prepare) => {
    await prepare();
    await weeks(7);
    expect(nightly().some(({ forgotten }) => (forgotten?.released ?? 0) > 0)).toBe(false);
    expect(reported()?.remembered).toBe(2);
    expect((await world.pipeline.rows('leads')).map(({ id }) => id)).not.toContain(person.id);
  });
});

it('an API that does not give another row either proves nothing', async () => {
  world.workspace.simulated.configure({ strayIds: 1 });
  await expect(confirm()).rejects.toThrow('its answers prove nothing');
  const rows = Object.values((await readForgottenRows(world.pipeline.store))?.rows ?? {});
  expect(rows.map(({ notFound }) => notFound)).toEqual([undefined, undefined]);
});
