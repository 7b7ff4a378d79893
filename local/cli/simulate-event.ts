import { createHmac, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { eventTargets, type WebhookEvent, webhookEvents, webhookHeaders } from '../../lambdas/contract/webhook.ts';
import { runCommand } from './run-main.ts';
import { defaultOut, queryCommand } from './suggested-command.ts';
import { UsageError } from './usage-error.ts';
import { noWatch, readWatchFile, type WatchFile } from './watch.ts';

/** `npm run simulate-event -- lead.updated <id>`: changes the lead at the simulator and sends the signed event about it. */

const usage = 'npm run simulate-event -- <event> <id> [--out <dir>] [--unchanged]';
const flags = {
  out: { type: 'string', default: defaultOut },
  unchanged: { type: 'boolean', default: false },
} as const;

await runCommand(usage, async (args) => {
  const { values, positionals } = parseArgs({ args, options: flags, allowPositionals: true });
  const [name, id] = positionals;
  const event = z.enum(webhookEvents).safeParse(name);
  if (!event.success)
    throw new UsageError(
      `${name === undefined ? 'No event' : `There is no event '${name}'`}. The events are: ${webhookEvents.join(', ')}.`,
    );
  if (!id) throw new UsageError(`No id of a resource. Usage: ${usage}`);
  const target = await readWatchFile(values.out);
  const { resource } = eventTargets[event.data];
  const status = await send(target, event.data, { id, resource, ...values }).catch((error: unknown) => {
    if (error instanceof TypeError && error.message === 'fetch failed') throw noWatch(values.out);
    throw error;
  });
  process.stdout.write(`${event.data} ${id}: the receiver answered ${status}.\n`);
  return status >= 200 && status < 300 ? 0 : 1;
});

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
