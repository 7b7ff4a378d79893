import { z } from 'zod';
import { MalformedAnswerError } from '../core/errors.ts';
import type { ExportApi } from '../core/ports.ts';
import { apiId } from './api-id.ts';
import { type ApiClient, requestIdOf } from './api-client.ts';

const created = z.object({ data: z.object({ id: apiId }) });
const job = z.object({
  data: z.object({
    status: z.string().nullish().catch(null),
    row_count: z.int().nonnegative().nullish().catch(null),
    file_key: z.string().nullish().catch(null),
    error_message: z.string().nullish().catch(null),
  }),
});
const download = z.object({
  data: z.object({ download_ready: z.boolean().nullish().catch(null), file_key: z.string().nullish().catch(null) }),
});

/** Export jobs, through the typed client. */
export function createExportApi(client: ApiClient): ExportApi {
  return {
    async create(idempotencyKey) {
      const { data, response } = await client.POST('/api/public/v1/exports', {
        params: { header: { 'Idempotency-Key': idempotencyKey } },
        body: { include_suppressed: true },
      });
      return { id: parse(created, data, response).data.id };
    },
    async read(id) {
      const path = { export_id: id };
      const { data, response } = await client.GET('/api/public/v1/exports/{export_id}', { params: { path } });
      const { status, row_count, file_key, error_message } = parse(job, data, response).data;
      return {
        status: status ?? null,
        rowCount: row_count ?? null,
        fileKey: file_key || null,
        errorMessage: error_message || null,
        requestId: requestIdOf(response),
      };
    },
    async readiness(id) {
      const path = { export_id: id };
      const answer = await client.GET('/api/public/v1/exports/{export_id}/download', { params: { path } });
      const { download_ready, file_key } = parse(download, answer.data, answer.response).data;
      return { ready: download_ready === true, fileKey: file_key || null };
    },
  };
}

function parse<T>(schema: z.ZodType<T>, data: unknown, response: Response): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new MalformedAnswerError('The API’s answer about an export does not match the contract.', {
    requestId: requestIdOf(response),
  });
}
