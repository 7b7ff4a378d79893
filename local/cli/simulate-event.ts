import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { eventTargets, type WebhookEvent, webhookEvents, webhookHeaders } from '../../lambdas/contract/webhook.ts';
import { path } from './flag-values.ts';
import { programCommand } from './command-names.ts';
import { command } from './run-command.ts';
import { defaultOut } from './out-flag.ts';
import { queryCommand } from './suggested-command.ts';
import { UsageError } from './usage-error.ts';
import { noWatch, readWatchFile, type WatchFile } from './watch.ts';

const input = z.strictObject({
  event: z.enum(webhookEvents, `event wants one of ${webhookEvents.join(', ')}`),
  id: z.string('id of a resource is missing'),
  out: path('--out').default(defaultOut),
  unchanged: z.boolean().default(false),
});

export const simulateEvent = command({
  ...programCommand('simulate-event'),
  positionals: ['event', 'id'],
  flags: {
    out: { value: '<dir>', help: `folder of the run; default: ${defaultOut}` },
    unchanged: { help: 'send the event, and change nothing' },
  },
  input,
  run,
});

async function run({ event, id, out, unchanged }: z.infer<typeof input>): Promise<number> {
  const target = await readWatchFile(out);
  const { resource } = eventTargets[event];
  const status = await send(target, event, { id, resource, out, unchanged }).catch((error: unknown) => {
    if (error instanceof TypeError && error.message === 'fetch failed') throw noWatch(out);
    throw error;
  });
  process.stdout.write(`${event} ${id}: the receiver answered ${status}.\n`);
  return status >= 200 && status < 300 ? 0 : 1;
}

async function send(
  target: WatchFile,
  event: WebhookEvent,
  { id, resource, out, unchanged }: { id: string; resource: string; out: string; unchanged: boolean },
): Promise<number> {
  if (resource === 'lead' && !unchanged) await changeLead(target, id, out);
  return deliver(target, event, { id, object: resource });
}

async function changeLead({ apiUrl, apiKey }: WatchFile, id: string, out: string): Promise<void> {
  const answer = await fetch(`${apiUrl}/leads/${encodeURIComponent(id)}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: `Changed at ${new Date().toISOString()}` }),
  });
  await answer.body?.cancel();
  if (answer.status === 404)
    throw new UsageError(
      `The simulator has no lead '${id}'. Ask for one: ${queryCommand('SELECT id FROM leads LIMIT 1', out)}`,
    );
  if (!answer.ok) throw new UsageError(`The simulator did not change the lead (${answer.status}).`, 1);
}

async function deliver({ webhookUrl, secret }: WatchFile, event: string, data: object): Promise<number> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const body = JSON.stringify({ id: `evt_${randomUUID()}`, type: event, data });
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  const answer = await fetch(webhookUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [webhookHeaders.event]: event,
      [webhookHeaders.delivery]: `del_${randomUUID()}`,
      [webhookHeaders.timestamp]: timestamp,
      [webhookHeaders.signature]: `v1=${signature}`,
    },
    body,
  });
  await answer.body?.cancel();
  return answer.status;
}
