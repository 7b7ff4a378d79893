import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { oneAtATime } from '../../../local/run/one-at-a-time.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'one-at-a-time-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('work under one file waits for the work before it, also if that failed; work under another does not', async () => {
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = oneAtATime(join(folder, 'one'), async () => {
    await promise;
    told.push('first');
    throw new Error('It failed.');
  });
  const second = oneAtATime(join(folder, 'one'), async () => told.push('second'));
  await oneAtATime(join(folder, 'other'), async () => told.push('other'));
  resolve();
  await expect(first).rejects.toThrow('It failed.');
  await second;
  expect(told).toEqual(['other', 'first', 'second']);
});
