import { z } from 'zod';
import { PagingGuard, rememberListing } from '../core/api/paging-guard.ts';
import { MalformedAnswerError } from '../core/errors.ts';
import type { Delivery, RegisteredEndpoint, WebhookApi } from '../core/ports.ts';
import { paginationOf } from '../core/rows/pagination.ts';
import { parseTimestamp } from '../core/rows/timestamps.ts';
import { apiId } from './api-id.ts';
import { type ApiClient, requestIdOf } from './api-client.ts';

const description = 'Prospect Lake';

/**
 * The answer to a creation, which is the only answer with the signing secret. The vendor does not document the name of
 * the secret's field, so `signing_secret` and `secret` are tried.
 */
const created = z.object({
  data: z.object({
    id: apiId,
    signing_secret: z.string().min(1).optional().catch(undefined),
    secret: z.string().min(1).optional().catch(undefined),
  }),
});
const delivery = z.object({
  id: apiId,
  created_at: z.string().nullish().catch(null),
  status: z.string().nullish().catch(null),
  response_status_code: z.number().nullish().catch(null),
  next_attempt_at: z.string().nullish().catch(null),
});
const endpoint = z.object({
  id: apiId,
  url: z.string().catch(''),
  signing_secret_prefix: z.string().min(1).nullish().catch(null),
  disabled_at: z.string().nullish().catch(null),
});

/** Webhook endpoints and their deliveries, through the typed client. */
export function createWebhookApi(client: ApiClient): WebhookApi {
  return {
    async create({ url, events }, idempotencyKey) {
      const { data, response } = await client.POST('/api/public/v1/webhooks', {
        params: { header: { 'Idempotency-Key': idempotencyKey } },
        body: { url, description, events: [...events] },
      });
      const parsed = created.safeParse(data);
      if (!parsed.success) throw malformed(response);
      const { id, signing_secret, secret } = parsed.data.data;
      return { id, signingSecret: signing_secret ?? secret };
    },
    async update(id, { url, events }) {
      const path = { webhook_id: id };
      await client.PATCH('/api/public/v1/webhooks/{webhook_id}', {
        params: { path },
        body: { url, description, events: [...events] },
      });
    },
    async delete(id) {
      await client.DELETE('/api/public/v1/webhooks/{webhook_id}', { params: { path: { webhook_id: id } } });
    },
    async endpoints() {
      const found: RegisteredEndpoint[] = [];
      const rows = rowsOf('/webhooks', endpoint, (query) =>
        client.GET('/api/public/v1/webhooks', { querySerializer: () => query }),
      );
      for await (const { id, url, signing_secret_prefix, disabled_at } of rows)
        found.push({
          id,
          url,
          secretPrefix: signing_secret_prefix ?? null,
          isDisabled: typeof disabled_at === 'string',
        });
      return found;
    },
    async *deliveries(endpointId) {
      const path = { webhook_id: endpointId };
      const rows = rowsOf('/webhooks/{webhook_id}/deliveries', delivery, (query) =>
        client.GET('/api/public/v1/webhooks/{webhook_id}/deliveries', {
          params: { path },
          querySerializer: () => query,
        }),
      );
      for await (const row of rows) yield deliveryOf(row);
    },
    async retry(endpointId, deliveryId) {
      const path = { webhook_id: endpointId, delivery_id: deliveryId };
      await client.POST('/api/public/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/retry', { params: { path } });
    },
  };
}

/** Every row of a list. The API's OpenAPI document has no cursor for these lists, but their answers contain one. */
async function* rowsOf<T extends { readonly id: string }>(
  path: string,
  row: z.ZodType<T>,
  get: (query: string) => Promise<{ data?: unknown; response: Response }>,
): AsyncGenerator<T> {
  const guard = new PagingGuard(path, rememberListing(), { cursor: null, pages: 0 });
  for (let cursor: string | null | undefined = null; cursor !== undefined; cursor = guard.place.cursor) {
    const askedAt = new Date();
    const { data, response } = await get(new URLSearchParams(cursor === null ? {} : { cursor }).toString());
    const page = z.object({ data: z.array(row), pagination: z.unknown() }).safeParse(data);
    if (!page.success) throw malformed(response);
    yield* page.data.data;
    const pagination = paginationOf(page.data.pagination);
    if (!guard.advance({ rows: page.data.data.map(({ id }) => id), pagination, askedAt })) return;
  }
}

/**
 * What a row says about a delivery. The API does not document the values of `status`: failure is a status code other
 * than 2xx, or a word for failure.
 */
function deliveryOf({
  id,
  created_at,
  status,
  response_status_code: code,
  next_attempt_at,
}: z.infer<typeof delivery>): Delivery {
  const answered = code ?? 0;
  const hasFailed = answered !== 0 && (answered < 200 || answered > 299);
  return {
    id,
    createdAt: typeof created_at === 'string' ? parseTimestamp(created_at)?.date : undefined,
    failed: hasFailed || /fail|error|exhaust/i.test(status ?? ''),
    isRefused: answered >= 400 && answered < 500 && answered !== 408 && answered !== 429,
    willRetry: typeof next_attempt_at === 'string',
  };
}

function malformed(response: Response): MalformedAnswerError {
  return new MalformedAnswerError('The API’s answer about webhooks does not match the contract.', {
    requestId: requestIdOf(response),
  });
}
