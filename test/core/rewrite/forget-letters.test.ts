import { expect, it } from 'vitest';
import { forgetLetters } from '../../../lambdas/core/rewrite/forget-letters.ts';
import { createMatcher } from '../../../lambdas/core/rewrite/persons.ts';
import { MemoryDeadLetters } from '../../support/memory-dead-letters.ts';

const person = { id: 'lead_qqvvzz', address: 'Zoë@Exämple.test' };
const matcher = createMatcher({ subjects: [{ stream: 'leads', id: person.id }], addresses: [person.address] });
const at = '2026-11-24T02:00:00.000Z';
const event = (body: object) => ({
  deliveryId: 'd1',
  event: 'lead.updated',
  signedAt: at,
  receivedAt: at,
  body: JSON.stringify(body),
});
const work = (ids: readonly string[]) => ({
  runId: 'nightly-20261124T020000Z',
  task: { taskId: 'lead_activities.0', stream: 'lead_activities', selection: { kind: 'parents', ids } },
});

it('dead letters about the person are deleted or replaced by work for the others; all others stay', async () => {
  const letters = new MemoryDeadLetters();
  const kept = [event({ data: { id: 'lead_other' } }), work(['lead_other'])];
  for (const one of kept) letters.add(one);
  for (let copy = 0; copy < 12; copy += 1) letters.add(event({ data: { id: person.id } }));
  letters.add(event({ data: { id: 'lead_other', note: `<${person.address.toUpperCase()}>` } }));
  letters.add(event({ _bytes: Buffer.from(`id=${person.id}`).toString('base64') }));
  letters.add(work(['lead_1', person.id, 'lead_2']));
  letters.addText(`{"broken": "${person.id}`);
  letters.addText('{"broken": "lead_other');
  const replacement = {
    send: async (messages: readonly { readonly body: unknown }[]) => {
      for (const { body } of messages) letters.add(body);
    },
  };
  expect(await forgetLetters(letters, replacement, matcher)).toEqual({ deleted: 15, replaced: 1 });
  const left = (await letters.receive(100)).map(({ body }) => body);
  expect(left.toSorted()).toEqual(
    [
      ...[...kept, work(['lead_1', 'forgotten', 'lead_2'])].map((one) => JSON.stringify(one)),
      '{"broken": "lead_other',
    ].toSorted(),
  );
});
