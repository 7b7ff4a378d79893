import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { progressKey } from '../../../lambdas/contract/object-keys.ts';
import type { Cloud } from '../../../local/cloud/cloud.ts';
import { tooManyRequests } from '../../../local/faults/faults.ts';
import { currentAssembly } from '../../../local/run/assembly.ts';
import { folderObjects } from '../../../local/run/folder-objects.ts';
import { openLake } from '../../../local/run/lake.ts';
import { type HostileWorld, hostileWorld } from '../../support/local-run.ts';

const leads = 120;
const chunk = 50;
const patient = { timeout: 120_000, interval: 50 };
let world: HostileWorld;

beforeAll(async () => {
  await currentAssembly();
  world = await hostileWorld(leads);
  // After two pages of 25 leads the API asks the run to wait, until the test lifts this.
  world.proxy.plant([{ path: /^\/leads\?.*cursor=/, after: 1, fault: tooManyRequests('30') }]);
}, 600_000);
afterAll(async () => world.end());

/** Rows and ids of the current table, as `npx prospect-lake query` sees them. */
async function count(): Promise<{ rows: number; ids: number }> {
  const connection = await openLake(world.out);
  const reader = await connection.runAndReadAll('SELECT count(*)::INTEGER, count(DISTINCT id)::INTEGER FROM leads');
  connection.closeSync();
  const [[rows, ids] = []] = reader.getRows();
  return { rows: Number(rows), ids: Number(ids) };
}

async function hasChunk(): Promise<boolean> {
  for await (const _ of folderObjects(world.out).list('lake/leads/')) return true;
  return false;
}

async function runIdIn({ out }: HostileWorld): Promise<string> {
  for await (const { key } of folderObjects(out).list('runs/')) return key.split('/')[1] ?? '';
  return '';
}

it('a first load can be queried before it ends: whole chunks, and each row once', { timeout: 300_000 }, async () => {
  const state = { isOver: false };
  let cloud: Cloud | undefined;
  const run = world.run(['leads'], (started) => (cloud = started)).finally(() => (state.isOver = true));
  await vi.waitUntil(hasChunk, patient);
  expect(await count()).toEqual({ rows: 0, ids: 0 });
  // Pretends that the last merge was long ago: a run merges what it has read only every 15 minutes.
  const past = { mergedAt: new Date(0).toISOString(), tables: {}, due: {} };
  const put = { Bucket: cloud?.bucketName('lake'), Key: progressKey(await runIdIn(world)), Body: JSON.stringify(past) };
  await cloud?.clients().s3.send(new PutObjectCommand(put));
  await vi.waitUntil(async () => (await count()).rows > 0, patient);
  expect(await count()).toEqual({ rows: chunk, ids: chunk });
  expect(state.isOver).toBe(false);

  world.proxy.plant([]);
  const seen = new Set<number>();
  while (!state.isOver) {
    const { rows, ids } = await count();
    expect(ids).toBe(rows);
    seen.add(rows);
  }
  expect((await run).status).toBe('complete');
  expect(await count()).toEqual({ rows: leads, ids: leads });
  expect([chunk, leads]).toEqual(expect.arrayContaining([...seen]));
});
