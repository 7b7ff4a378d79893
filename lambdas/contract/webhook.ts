/** The vendor's webhooks: event names, headers, and the message made of each verified event. */

import { z } from 'zod';

export const webhookEvents = [
  'lead.created',
  'lead.updated',
  'import.completed',
  'import.failed',
  'export.completed',
  'export.failed',
  'campaign.created',
  'campaign.updated',
  'campaign.published',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** Scopes of the API's operations on webhook endpoints. */
export const webhookScopes = { read: 'webhooks.read', write: 'webhooks.write' } as const;

/** Names of the vendor's headers, in lower case as API Gateway passes them. */
export const webhookHeaders = {
  event: 'x-prospectb2b-event',
  delivery: 'x-prospectb2b-delivery',
  timestamp: 'x-prospectb2b-timestamp',
  signature: 'x-prospectb2b-signature',
} as const;

/** A larger body is refused. Events only name what changed, so they are small. */
export const maxWebhookBytes = 200_000;
/** An event is refused if its signature is older than this, or further in the future. */
export const webhookToleranceSeconds = 300;

export const webhookMessage = z.object({
  deliveryId: z.string().min(1).max(200),
  /** The vendor's name of the event: one of {@link webhookEvents}, a ping, or a new event. */
  event: z.string().max(200),
  /** When the vendor signed the delivery. */
  signedAt: z.iso.datetime(),
  receivedAt: z.iso.datetime(),
  /** JSON text: the body as received, or `{"_bytes":…}` with its base64 if the body is not JSON. */
  body: z.string(),
});
export type WebhookMessage = z.infer<typeof webhookMessage>;

export interface EventTarget {
  readonly stream: string;
  /** Name of the resource in the bodies of events. */
  readonly resource: string;
}

/** The stream and resource that each event is about. */
export const eventTargets: Readonly<Record<WebhookEvent, EventTarget>> = {
  'lead.created': { stream: 'leads', resource: 'lead' },
  'lead.updated': { stream: 'leads', resource: 'lead' },
  'import.completed': { stream: 'imports', resource: 'import' },
  'import.failed': { stream: 'imports', resource: 'import' },
  'export.completed': { stream: 'exports', resource: 'export' },
  'export.failed': { stream: 'exports', resource: 'export' },
  'campaign.created': { stream: 'campaigns', resource: 'campaign' },
  'campaign.updated': { stream: 'campaigns', resource: 'campaign' },
  'campaign.published': { stream: 'campaigns', resource: 'campaign' },
};

/**
 * The stream and resource that an event is about; undefined for a ping, and for an event that the vendor added later.
 */
export function eventTarget(event: string): EventTarget | undefined {
  return new Map<string, EventTarget>(Object.entries(eventTargets)).get(event);
}

/** Content of the webhook secret, as JSON: the signing secrets, and the vendor's endpoint that they belong to. */
export const webhookSecret = z.object({
  endpointId: z.string().nullable(),
  current: z.string().min(1),
  /** The secret before the last rotation. It stays valid until `until`, for deliveries that were signed with it. */
  previous: z.object({ secret: z.string(), until: z.iso.datetime() }).nullable(),
  /** An endpoint that a rotation replaced but has not deleted yet. */
  retiring: z.string().nullable().optional(),
});
export type WebhookSecret = z.infer<typeof webhookSecret>;
