import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { ApiTraffic } from '../../../../local/cloud/lambda/api-traffic.ts';
import { sendRequest } from '../../../../lambdas/adapters/send-request.ts';
import { reportRequests } from '../../../../local/cloud/lambda/report-requests.ts';
import { close, listen } from '../../../../local/run/listening.ts';

it('the requests of a function are counted as they are answered', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/api/limited' ? 429 : 200).end('{}');
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  const traffic = new ApiTraffic();
  const ask = async (path: string) => sendRequest({ url: url + path, method: 'GET', headers: {} }, 5_000);
  reportRequests(`${url}/api`, (report) => traffic.add(report));
  await ask('/api/leads');
  await ask('/other');
  await ask('/api/limited');
  await expect.poll(() => traffic.requests).toBe(2);
  expect(traffic.limited).toBe(1);
  await close(server);
  await ask('/api/leads').catch(() => {});
  await expect.poll(() => traffic.requests).toBe(3);
  // `served` does not count the refused and the failed request, because they are sent again.
  expect(traffic.served).toBe(1);
});
