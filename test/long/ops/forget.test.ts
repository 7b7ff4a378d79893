import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelsResultsPrefix, queryResultsPrefix } from '../../../lambdas/contract/query-prefixes.ts';
import { createSqsQueue } from '../../../lambdas/adapters/sqs-queue.ts';
import { forget } from '../../../ops/commands/forget.ts';
import { createDeadLetters } from '../../../ops/adapters/dead-letters.ts';
import { queueUrls } from '../../../ops/target.ts';
import { type OpsWorld, planted, startOpsWorld } from '../../support/ops-world.ts';
import { objectsHolding } from '../../support/person-search.ts';
import { MemoryCatalog } from '../../support/memory-catalog.ts';
import { readLakeFolder } from '../../support/lake-folder.ts';

let ops: OpsWorld;
beforeAll(async () => {
  ops = await startOpsWorld(['leads', 'support_tickets']);
}, 600_000);
afterAll(() => ops.end());

const results = [
  `${queryResultsPrefix}main/q1.csv`,
  `${queryResultsPrefix}main/q1.csv.metadata`,
  `${modelsResultsPrefix}t/q2.csv`,
];

it('forgetting a person deletes results of queries, and a dead letter about them, also of a query that ends meanwhile', async () => {
  // The catalog of the embedded cloud is a file of its functions.
  const target = { ...ops.target, catalog: new MemoryCatalog() };
  const { world } = ops;
  const { store } = target;
  for (const key of results) await store.put(key, `id,email\n1,${planted.email}\n`);
  const { deadLetters } = queueUrls(target, 'refresh');
  const at = '2026-11-24T02:00:00.000Z';
  const body = JSON.stringify({ data: { note: planted.email } });
  await createSqsQueue(deadLetters).send([
    { body: { deliveryId: 'd1', event: 'lead.updated', signedAt: at, receivedAt: at, body } },
  ]);
  const intent = await forget.prepare(target, forget.input.parse({ email: [planted.email] }));
  expect(intent.lines.join('\n')).toContain('Deletes 3 results of queries');
  await store.put(`${queryResultsPrefix}main/later.csv`, planted.full_name);
  if (!('act' in intent)) throw new Error('Nothing would be done.');
  const { data, lines } = await intent.act();
  // The table of the intent is not shown twice.
  expect(lines[0]).toBe('Forgotten, as listed above.');
  expect(data).toMatchObject({
    queryResults: 4,
    deadLetters: { deleted: 1, replaced: 0 },
    subjects: { leads: 1 },
    ids: { leads: [expect.any(String)] },
  });
  for await (const { key } of store.list(queryResultsPrefix)) expect(key).toBe('no result');
  for await (const { key } of store.list(modelsResultsPrefix)) expect(key).toBe('no result');
  expect(await createDeadLetters(deadLetters).receive(10)).toEqual([]);
  const held = await objectsHolding(await readLakeFolder(world.out), [planted.email, planted.phone]);
  expect(held).toEqual([]);
}, 300_000);

it('asking whether the vendor has deleted a person who was never forgotten is an error', async () => {
  await expect(forget.prepare(ops.target, forget.input.parse({ id: ['lead_unknown'], confirm: true }))).rejects.toThrow(
    'No such id of leads is remembered as forgotten',
  );
});
