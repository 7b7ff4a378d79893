import { z } from 'zod';
import { webhookEvents } from '../../lambdas/contract/webhook.ts';
import { suggestion } from '../../lambdas/contract/closest-name.ts';
import { wholeNumber } from './whole-number.ts';

const eventsWanted = `has to be a list of events: ${webhookEvents.join(', ')}`;
const unknownEvent = ({ input }: { readonly input?: unknown }) =>
  `there is no event '${String(input)}'; ${suggestion(String(input), webhookEvents, `the events are ${webhookEvents.join(', ')}`)}`;

export const webhooks = z.strictObject({
  enabled: z
    .boolean('has to be true or false')
    .default(true)
    .describe('If false, no endpoint is registered, and no event is accepted.'),
  events: z
    .array(z.enum(webhookEvents, { error: unknownEvent }), eventsWanted)
    .refine((events) => events.length > 0, 'has to name at least one event; to take none, set enabled to false')
    .default([...webhookEvents])
    .describe('Events to accept. The default is all of them.'),
  windowSeconds: wholeNumber(1, 300).default(30).describe('Events are gathered for this long and read together.'),
  batchSize: wholeNumber(1, 10_000).default(1_000).describe('Most events whose rows are read together.'),
  previousSecretHours: wholeNumber(1, 720)
    .default(24)
    .describe('How long the old secret is accepted after a rotation.'),
});
