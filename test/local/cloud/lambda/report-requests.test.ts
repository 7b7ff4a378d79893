import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { ApiTraffic } from '../../../../local/cloud/lambda/api-traffic.ts';
import { reportRequests } from '../../../../local/cloud/lambda/report-requests.ts';
import { close, listen } from '../../../../local/run/listening.ts';

it('the requests of a function are counted as they are answered, with the wait that the API asks for', async () => {
  const server = createServer((request, response) => {
    const isLimited = request.url === '/api/limited';
    response.writeHead(isLimited ? 429 : 200, isLimited ? { 'Retry-After': '30' } : {}).end('{}');
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  const traffic = new ApiTraffic();
  const now = new Date('2026-11-24T02:00:00Z');
  reportRequests(`${url}/api`, (report) => traffic.add(report, now));
  await fetch(`${url}/api/leads`);
  await fetch(`${url}/other`);
  await fetch(`${url}/api/limited`);
  await expect.poll(() => traffic.requests).toBe(2);
  expect(traffic.lastRefusal).toEqual({ status: 429, at: now, until: new Date('2026-11-24T02:00:30Z') });
  expect(traffic.limited).toBe(1);
  await close(server);
  await fetch(`${url}/api/leads`).catch(() => {});
  await expect.poll(() => traffic.requests).toBe(3);
  expect(traffic.lastRefusal).toEqual({ status: 0, at: now, until: undefined });
  // `served` does not count the refused and the failed request, because they are sent again.
  expect(traffic.served).toBe(1);
});
