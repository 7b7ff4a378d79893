/**
 * Reports the requests that a function's process sends to the API, as they are answered: the run's own records show
 * them only when a task ends. Imports no package, so that the process starts fast.
 */

import { subscribe } from 'node:diagnostics_channel';
import { fieldOf } from './import-handler.ts';
import type { RequestReport } from './runtime-messages.ts';

// An import of node:http would load the whole of fetch with it, which takes 30 ms.
const { ClientRequest } = process.getBuiltinModule('node:http');

const reportMilliseconds = 250;

/** Starts the reports. @param baseUrl the API; requests to other addresses are not counted */
export function reportRequests(baseUrl: string, send: (report: RequestReport) => void): void {
  const base = new URL(baseUrl);
  let answers: Record<string, number> = {};
  let timer: NodeJS.Timeout | undefined;
  const count = (status: number) => {
    answers[status] = (answers[status] ?? 0) + 1;
    timer ??= setTimeout(() => {
      send({ type: 'requests', answers });
      [answers, timer] = [{}, undefined];
    }, reportMilliseconds).unref();
  };
  // https://nodejs.org/api/diagnostics_channel.html#http
  subscribe('http.client.response.finish', (message) => {
    if (!isFor(base, message)) return;
    const status = fieldOf(fieldOf(message, 'response'), 'statusCode');
    if (typeof status === 'number') count(status);
  });
  subscribe('http.client.request.error', (message) => {
    if (isFor(base, message)) count(0);
  });
}

function isFor(base: URL, message: unknown): boolean {
  const request = fieldOf(message, 'request');
  if (!(request instanceof ClientRequest) || request.protocol !== base.protocol) return false;
  // A request through a proxy has the whole address as its path.
  const isBelow = request.path.startsWith(base.pathname) || request.path.startsWith(base.href);
  return isBelow && request.getHeader('host') === base.host;
}
