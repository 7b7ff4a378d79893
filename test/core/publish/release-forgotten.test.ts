import { beforeEach, describe, expect, it } from 'vitest';
import type { ExtractReceipt, Selection } from '../../../lambdas/contract/run.ts';
import { noCounts } from '../../../lambdas/core/current/merge-state.ts';
import type { Progress } from '../../../lambdas/core/publish/merge-run.ts';
import { releaseForgotten } from '../../../lambdas/core/publish/release-forgotten.ts';
import type { RunTree, TaskNode } from '../../../lambdas/core/publish/run-tree.ts';
import { rememberForgotten } from '../../../lambdas/core/rows/forgotten.ts';
import {
  digestOf,
  extended,
  readForgottenRows,
  updateForgottenRows,
} from '../../../lambdas/core/rows/forgotten-rows.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { receiptOf } from '../../support/extract-receipt.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const key = 'ab'.repeat(32);
const day = 86_400_000;
const at = '2026-11-01T00:00:00.000Z';
const after = (days: number) => new Date(Date.parse(at) + days * day).toISOString();
const lead = { stream: 'leads', id: 'lead_1' };
const thread = { stream: 'inbox_threads', id: 'thread_1' };
const [leadDigest, threadDigest] = [digestOf(key, lead), digestOf(key, thread)];
const settings = { confirmAfterSeconds: 900, maxDeletedShare: 0.05, streamNamed };

let store: MemoryStore;
beforeEach(async () => {
  store = new MemoryStore();
  await rememberForgotten(store, [lead, thread], at, key);
});

/** A task that has read its list at this time, except for what is changed. */
function task(
  stream: string,
  askedAt: string,
  { selection = { kind: 'list' }, ...changes }: Partial<ExtractReceipt> & { selection?: Selection } = {},
): TaskNode {
  const receipt = receiptOf(stream, askedAt, changes);
  return { task: { taskId: `${stream}.0`, stream, selection }, receipt, chunks: [] };
}

const result = { done: true, rows: 100, counts: noCounts, held: null, deleted: [], suspects: [] };
type Result = Progress['tables'][string]['result'];

function run(tasks: readonly TaskNode[], changes: Partial<Result> = {}) {
  const tables = Object.fromEntries(
    tasks.map(({ task: { stream } }) => [stream, { merged: 'x', result: { ...result, ...changes } }]),
  );
  const tree: Pick<RunTree, 'tasks'> = { tasks };
  return releaseForgotten(tree, { mergedAt: at, tables, due: {} }, settings, { store, log: new MemoryLog() });
}

const lists = (askedAt: string) => [task('leads', askedAt), task('inbox_threads', askedAt)];

/** The API answers 404 for the lead, twice. */
async function confirm(): Promise<void> {
  await updateForgottenRows(store, (value) => {
    const row = value.rows[leadDigest];
    const notFound = extended(extended(undefined, after(2)), after(2.5));
    return row && { ...value, rows: { ...value.rows, [leadDigest]: { ...row, notFound } } };
  });
}

const remembered = async () => Object.keys((await readForgottenRows(store))?.rows ?? {}).length;

it('a person whom no list has shown for 28 days, and whom the API twice did not know, is released with the threads', async () => {
  await confirm();
  expect(await run(lists(after(1)))).toEqual({ stillGiven: 0, released: 0, remembered: 2 });
  expect(await run(lists(after(28)))).toEqual({ stillGiven: 0, released: 0, remembered: 2 });
  expect(await run(lists(after(29)))).toEqual({ stillGiven: 0, released: 2, remembered: 0 });
  expect(await run(lists(after(30)))).toBeUndefined();
});

it('a person whom lists do not show, but of whom nobody asked the API, stays remembered', async () => {
  for (let days = 1; days < 100; days += 7) await run(lists(after(days)));
  expect(await remembered()).toBe(2);
});

it('one answer of 404 is not enough, however old it is', async () => {
  await updateForgottenRows(store, (value) => {
    const row = value.rows[leadDigest];
    return (
      row && { ...value, rows: { ...value.rows, [leadDigest]: { ...row, notFound: extended(undefined, after(1)) } } }
    );
  });
  for (let days = 1; days < 100; days += 7) await run(lists(after(days)));
  expect(await remembered()).toBe(2);
});

describe('a person whose deletion the API confirms stays remembered if the second list', () => {
  const second = after(40);
  const windowed = { selection: { kind: 'list' as const, window: { after: after(39) } } };
  const resumed = { selection: { kind: 'list' as const, resume: { cursor: 'c', pages: 1 } } };
  const again = { selection: { kind: 'list' as const, again: 'leads.0' } };
  const suspect = { id: 'lead_2', parentId: null, since: second, runId: 'nightly-20261211T000000Z' };
  const held = {
    reason: 'empty_list' as const,
    missing: 100,
    rows: 100,
    parents: 0,
    parentsMissing: 0,
    scopes: [],
  };
  it.each<readonly [string, readonly TaskNode[], Partial<Result>]>([
    ['has the changes only', [task('leads', second, windowed)], {}],
    ['goes on from an earlier night', [task('leads', second, resumed)], {}],
    ['is a second reading', [task('leads', second, again)], {}],
    ['was not read to its end', [task('leads', second, { status: 'stopped' })], {}],
    ['could not be read for want of a scope', [task('leads', second, { status: 'failed', askedAt: null })], {}],
    ['is held by the guard, such as an empty one', [task('leads', second)], { held }],
    [
      'shows half of a small table',
      [task('leads', second)],
      { rows: 10, suspects: Array.from({ length: 5 }, () => suspect) },
    ],
    [
      'shows half, of which the rest is deleted',
      [task('leads', second)],
      { rows: 5, counts: { ...noCounts, deleted: 5 } },
    ],
    ['leaves an empty table', [task('leads', second)], { rows: 0 }],
    ['is not merged yet', [task('leads', second)], { done: false }],
    [
      'shows a message of the person',
      [task('leads', second), task('lead_messages', second, { dropped: [leadDigest] })],
      {},
    ],
    ['is of another table', [task('campaigns', second)], {}],
  ])('%s', async (_, tasks, changes) => {
    await confirm();
    await run(lists(after(1)));
    await run([...tasks, task('inbox_threads', second)], changes);
    expect(await remembered()).toBe(2);
  });
});

it('a person whom the API gives again begins from the start, also if runs end in another order', async () => {
  await confirm();
  await run(lists(after(1)));
  expect(await run([task('lead_exports', after(20), { dropped: [leadDigest] })])).toEqual({
    stillGiven: 1,
    stillGivenIn: ['leads'],
    released: 0,
    remembered: 2,
  });
  // This run read its list before the export was loaded, and ends after it.
  await run(lists(after(19)));
  await run(lists(after(48)));
  expect((await readForgottenRows(store))?.rows[leadDigest]).toEqual({
    stream: 'leads',
    at,
    given: after(20),
    unlisted: { since: after(48), last: after(48) },
  });
  await confirm();
  await run(lists(after(76)));
  expect(await remembered()).toBe(0);
});

it('a person of whom the API was not asked since counts as given: runs that read only changes show nothing', async () => {
  const changes = task('leads', after(2), { selection: { kind: 'list', window: { after: after(1) } } });
  expect(await run([changes])).toMatchObject({ stillGiven: 2, unseen: 2, stillGivenIn: ['leads', 'inbox_threads'] });
  expect(await run([task('inbox_threads', after(3))])).toMatchObject({ stillGiven: 1, stillGivenIn: ['leads'] });
  await confirm();
  expect(await run([changes])).toMatchObject({ stillGiven: 0 });
});

it('a list that was requested just when the person was forgotten does not count', async () => {
  await confirm();
  await run(lists(after(0.001)));
  expect((await readForgottenRows(store))?.rows[leadDigest]?.unlisted).toBeUndefined();
});

it('a person stays remembered until their threads are gone from the lists too', async () => {
  await confirm();
  await run(lists(after(1)));
  const tasks = [task('leads', after(40)), task('inbox_threads', after(40), { dropped: [threadDigest] })];
  expect(await run(tasks)).toEqual({ stillGiven: 1, stillGivenIn: ['inbox_threads'], released: 0, remembered: 2 });
});

it('a person who is forgotten once more begins from the start', async () => {
  await confirm();
  await run(lists(after(1)));
  await rememberForgotten(store, [lead], after(10), key);
  expect((await readForgottenRows(store))?.rows[leadDigest]).toEqual({ stream: 'leads', at: after(10) });
});

it('a person whom the API gave still counts as given after runs that read only changes, until a list is without them', async () => {
  await run([task('leads', after(1), { dropped: [leadDigest] })]);
  const changes = task('leads', after(2), { selection: { kind: 'list', window: { after: after(1) } } });
  expect(await run([changes, task('inbox_threads', after(2))])).toMatchObject({
    stillGiven: 1,
    stillGivenIn: ['leads'],
  });
  expect(await run(lists(after(3)))).toMatchObject({ stillGiven: 0 });
});
