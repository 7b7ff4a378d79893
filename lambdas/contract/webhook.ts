import { z } from 'zod';

/** The vendor's webhooks: names, headers, and the message that a verified event becomes. */

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

/** Of the API's operations on webhook endpoints. */
export const webhookScopes = { read: 'webhooks.read', write: 'webhooks.write' } as const;

/** In lower case, as API Gateway gives them. */
export const webhookHeaders = {
  event: 'x-prospectb2b-event',
  delivery: 'x-prospectb2b-delivery',
  timestamp: 'x-prospectb2b-timestamp',
  signature: 'x-prospectb2b-signature',
} as const;

/** A body over this many bytes is refused: an event is a hint, not a transport. */
export const maxWebhookBytes = 200_000;
/** An event signed longer ago, or further ahead, than this is refused. */
export const webhookToleranceSeconds = 300;

export const webhookMessage = z.object({
  deliveryId: z.string().min(1).max(200),
  /** As the vendor names it: one of {@link webhookEvents}, a ping, or one that is new. */
  event: z.string().max(200),
  /** When the vendor signed it. */
  signedAt: z.iso.datetime(),
  receivedAt: z.iso.datetime(),
  /** JSON text: the body as it came, or `{"_bytes":…}` with its base64 if it is none. */
  body: z.string(),
});
export type WebhookMessage = z.infer<typeof webhookMessage>;

export interface EventTarget {
  readonly stream: string;
  /** What the resource is called in bodies. */
  readonly resource: string;
}

/** What each event speaks of. */
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

/** @returns undefined if the event is a ping, or one that the vendor has added since */
export function eventTarget(event: string): EventTarget | undefined {
  return new Map<string, EventTarget>(Object.entries(eventTargets)).get(event);
}

/** What the secret of the webhook holds, as JSON: the signing secrets, and the vendor's endpoint that they belong to. */
export const webhookSecret = z.object({
  endpointId: z.string().nullable(),
  current: z.string().min(1),
  /** Valid beside the current one until then, for deliveries that were signed before the rotation. */
  previous: z.object({ secret: z.string(), until: z.iso.datetime() }).nullable(),
  /** The endpoint that a rotation has replaced and not yet deleted. */
  retiring: z.string().nullable().optional(),
});
export type WebhookSecret = z.infer<typeof webhookSecret>;
