/**
 * Reports the requests that a function's process sends to the API, as they are answered: the run's own records show
 * them only when a task ends. The AWS SDK does not use `fetch`, so its calls are not seen. Imports no package, so that
 * the process starts fast.
 */

import { subscribe } from 'node:diagnostics_channel';
import { fieldOf } from './import-handler.ts';
import type { RequestReport } from './runtime-messages.ts';

const reportMilliseconds = 250;

/** Starts the reports. @param baseUrl the API; requests to other addresses are not counted */
export function reportRequests(baseUrl: string, send: (report: RequestReport) => void): void {
  let answers: Record<string, number> = {};
  let waitSeconds = 0;
  let timer: NodeJS.Timeout | undefined;
  const count = (status: number) => {
    answers[status] = (answers[status] ?? 0) + 1;
    timer ??= setTimeout(() => {
      send({ type: 'requests', answers, waitSeconds });
      [answers, waitSeconds, timer] = [{}, 0, undefined];
    }, reportMilliseconds).unref();
  };
  // https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
  subscribe('undici:request:headers', (message) => {
    if (!isFor(baseUrl, message)) return;
    const response = fieldOf(message, 'response');
    const status = fieldOf(response, 'statusCode');
    if (typeof status !== 'number') return;
    if (status === 429) waitSeconds = Math.max(waitSeconds, retryAfter(fieldOf(response, 'headers')));
    count(status);
  });
  subscribe('undici:request:error', (message) => {
    if (isFor(baseUrl, message)) count(0);
  });
}

function isFor(baseUrl: string, message: unknown): boolean {
  const request = fieldOf(message, 'request');
  return `${String(fieldOf(request, 'origin'))}${String(fieldOf(request, 'path'))}`.startsWith(baseUrl);
}

/** Seconds of a `Retry-After` header. The headers are a flat list of names and values. */
function retryAfter(headers: unknown): number {
  const texts = Array.isArray(headers) ? headers.map(String) : [];
  const at = texts.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === 'retry-after');
  const seconds = Number(texts[at + 1]);
  return at >= 0 && Number.isFinite(seconds) ? seconds : 0;
}
