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
  let timer: NodeJS.Timeout | undefined;
  const count = (status: number) => {
    answers[status] = (answers[status] ?? 0) + 1;
    timer ??= setTimeout(() => {
      send({ type: 'requests', answers });
      [answers, timer] = [{}, undefined];
    }, reportMilliseconds).unref();
  };
  // https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
  subscribe('undici:request:headers', (message) => {
    if (!isFor(baseUrl, message)) return;
    const status = fieldOf(fieldOf(message, 'response'), 'statusCode');
    if (typeof status === 'number') count(status);
  });
  subscribe('undici:request:error', (message) => {
    if (isFor(baseUrl, message)) count(0);
  });
}

function isFor(baseUrl: string, message: unknown): boolean {
  const request = fieldOf(message, 'request');
  return `${String(fieldOf(request, 'origin'))}${String(fieldOf(request, 'path'))}`.startsWith(baseUrl);
}
