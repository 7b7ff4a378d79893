import { webhookScopes } from '../contract/webhook.ts';
import { integer, json, list, personal, resource, stream, text, time } from './declare.ts';

const domain = 'Webhooks';
const scope = webhookScopes.read;

export const webhookEndpoints = stream({
  name: 'webhook_endpoints',
  domain,
  description: 'Registered webhook endpoints.',
  path: '/webhooks',
  shape: 'list',
  scope,
  key: ['id'],
  byId: '/webhooks/{webhook_id}',
  childReading: 'every-night',
  columns: {
    ...resource,
    url: text('Where events are sent.'),
    description: text('What the endpoint is for.'),
    events: list('Events that the endpoint takes.'),
    signing_secret_prefix: text('First characters of the signing secret.'),
    last_delivered_at: time('When an event was last delivered.'),
    disabled_at: time('When the endpoint was switched off.'),
  },
});

export const webhookDeliveries = stream({
  name: 'webhook_deliveries',
  domain,
  description: 'Deliveries of each webhook endpoint.',
  path: '/webhooks/{webhook_id}/deliveries',
  shape: 'list',
  scope,
  key: ['webhook_id', 'id'],
  parent: { stream: 'webhook_endpoints', key: 'webhook_id' },
  columns: {
    ...resource,
    event: text('Name of the event.'),
    status: text('Status of the delivery.'),
    payload_redacted: personal('quote', json('What was sent, redacted by the vendor.')),
    request_headers: json('Headers that were sent.'),
    response_status_code: integer('Status that the endpoint answered.'),
    response_headers: json('Headers that the endpoint answered.'),
    response_body_snippet: personal('quote', text('Start of what the endpoint answered.')),
    error_message: personal('quote', text('Why the delivery failed.')),
    attempt_count: integer('Attempts so far.'),
    delivered_at: time('When the delivery succeeded.'),
    last_attempted_at: time('When it was last tried.'),
    next_attempt_at: time('When it will be tried again.'),
  },
});
