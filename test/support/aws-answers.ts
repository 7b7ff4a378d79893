/** Requests of the SDK, and answers in the forms of the query protocol and of JSON. */

import type { IncomingMessage } from 'node:http';

export const account = '111122223333';

export interface Request {
  readonly service: string;
  /** Name of the action, such as `CreateChangeSet`; for S3, Lambda and Scheduler the method and the path. */
  readonly action: string;
  readonly body: string;
  readonly query: URLSearchParams;
  readonly path: string;
}

export interface Answer {
  readonly status?: number;
  readonly body: string;
}

export const xml = (action: string, result: string): Answer => ({
  body: `<${action}Response><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`,
});
export const xmlError = (code: string, message: string): Answer => ({
  status: 400,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});
export const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) });
export const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Parses a request of the SDK. The service is the one that the request's signature names. */
export async function readRequest(request: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks).toString('latin1');
  const url = new URL(request.url ?? '/', 'http://stub');
  const [, service = 's3'] =
    /Credential=[^/]+\/\d+\/[^/]+\/([a-z0-9-]+)\//.exec(request.headers.authorization ?? '') ?? [];
  const target = String(request.headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
  const form = new URLSearchParams(body);
  const action = target || form.get('Action') || `${request.method} ${url.pathname}`;
  return {
    service,
    action,
    body,
    query: !target && form.has('Action') ? form : url.searchParams,
    path: url.pathname,
  };
}
