import { z } from 'zod';
import { notFound } from '../problem.ts';
import { webhookEvents } from '../../../lambdas/contract/webhook.ts';
import { parseBody } from './parse-body.ts';
import { parameter, type Routes } from './route.ts';
import { removed, updated } from './workspace-writes.ts';

const endpoint = z.object({
  url: z.url(),
  description: z.string().nullish(),
  events: z.array(z.enum(webhookEvents)).min(1),
});

/** Writes of webhook endpoints, and the retry of a delivery. */
export const webhookWrites: Routes = {
  createWebhookEndpoint: ({ webhooks, body }) => {
    const { url, description = null, events } = parseBody(endpoint, body);
    return { data: webhooks.register({ url, description, events }) };
  },
  updateWebhookEndpoint: (context) =>
    updated(context, 'webhook_endpoints', 'webhook_id', parseBody(endpoint.partial(), context.body)),
  deleteWebhookEndpoint: (context) => removed(context, 'webhook_endpoints', 'webhook_id'),
  retryWebhookDelivery: async (context) => {
    const data = await context.webhooks.retry(parameter(context, 'webhook_id'), parameter(context, 'delivery_id'));
    if (!data) throw notFound('delivery');
    return { data };
  },
};
