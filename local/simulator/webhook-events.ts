/** The events that the API can send, as its documentation lists them. */
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
