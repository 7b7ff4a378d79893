/** What the doctor says of an API from which nothing can be loaded. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createApi } from '../../doctor/api/ask.ts';
import { adviceFor } from '../../doctor/checks/answer-words.ts';
import { connectionWords } from '../../local/cli/connection-words.ts';
import { type ForeignOptions, startForeignApi } from './foreign-api.ts';

import { foreign, open, parsed, problems, run } from './examining.ts';

describe('an API that cannot be used', () => {
  it.each<[string, ForeignOptions, string]>([
    [
      'a login page',
      { page: { status: 200, type: 'text/html', body: '<!doctype html><p>Sign in' } },
      'answers 200 with HTML, not JSON.',
    ],
    ['an error of the server', { page: { status: 404, type: 'application/json', body: '{}' } }, 'answers 404.'],
  ])('%s', async (_, options, says) => {
    const ended = await run(await foreign(options), '--json');
    expect([ended.code, problems(parsed(ended)).join()]).toEqual([2, expect.stringContaining(says)]);
  });

  it('a refused key', async () => {
    const ended = await run({ ...(await foreign()), key: 'another' }, '--json');
    expect([ended.code, problems(parsed(ended))]).toEqual([
      2,
      ['key: The API refuses the key from PROSPECTB2B_API_KEY (401).'],
    ]);
  });

  it('a server that accepts the connection and never answers', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    open.push(async () => void silent.close());
    const address = silent.address();
    const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const waits: string[] = [];
    const onTimeout = (path: string) => void waits.push(path);
    const limits = { requestsPerMinute: 60_000, mostRequests: 9, timeoutMilliseconds: 50, onTimeout };
    const { cause } = await createApi({ baseUrl, key: 'k', ...limits }).ask('/me');
    expect(waits).toEqual(['/me', '/me']);
    expect(connectionWords(cause, baseUrl, {}).says).toMatch(/accepts the connection, but does not answer in time/);
    silent.closeAllConnections();
  });

  it('an error of the server that lasts, without a promise to try once more', () => {
    expect(adviceFor({ status: 500 })).toBe(
      'It failed. Such a request is tried several times; if this lasts, look at the vendor’s status page.',
    );
  });

  it('a port at which nothing listens', async () => {
    const api = await startForeignApi();
    await api.close();
    const ended = await run(api, '--json');
    const { host } = new URL(api.url);
    expect([ended.code, problems(parsed(ended))]).toEqual([
      2,
      [`network: Nothing listens at ${host}: the connection was refused.`],
    ]);
  });
});
