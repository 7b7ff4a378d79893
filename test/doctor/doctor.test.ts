/** What the doctor says about servers that share no code with the simulator. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApi } from '../../doctor/api/ask.ts';
import { examineApi, type Patient, plannedRequests } from '../../doctor/examine-api.ts';
import type { Finding } from '../../doctor/finding.ts';
import { adviceOn } from '../../doctor/checks/answer-words.ts';
import { requestsFor, sizeFindings } from '../../doctor/checks/size.ts';
import { doctor } from '../../doctor/main.ts';
import { dataOf, linesOf } from '../../doctor/report.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { parseWorkspace } from '../../lib/config/config.ts';
import type { WorkspaceInput } from '../../lib/config/workspace-input.ts';
import { connectionWords } from '../../local/cli/connection-words.ts';
import { commandStatus } from '../../local/cli/run-command.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { runHere } from '../support/start-process.ts';
import { type ForeignApi, type ForeignOptions, startForeignApi } from './foreign-api.ts';
import { allScopes, person } from './foreign-rows.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function foreign(options: ForeignOptions = {}): Promise<ForeignApi> {
  const api = await startForeignApi(options);
  open.push(() => api.close());
  return api;
}

const fast = ['--requests-per-minute', '60000'];
const noAws = { AWS_EC2_METADATA_DISABLED: 'true' };
const run = (api: { url: string; key: string }, ...args: string[]) =>
  runHere({ environment: { PROSPECTB2B_API_URL: api.url, PROSPECTB2B_API_KEY: api.key, ...noAws } }, () =>
    commandStatus(doctor, [...fast, ...args]),
  );

const noLoad = { requests: 0, hours: 0 };
/** Examines the API as the command does, but without the estimate, which needs the app's templates. */
async function examine(
  { url: baseUrl, key }: { url: string; key: string },
  { mostRequests = 100, ...settings }: Partial<WorkspaceInput> & { mostRequests?: number } = {},
) {
  const requestsPerMinute = 60_000;
  const api = createApi({ baseUrl, key, requestsPerMinute, mostRequests });
  // The foreign server lacks streams that are newer than the page from which it was written.
  const known = streams.filter(({ scope }) => allScopes.includes(scope)).map(({ name }) => name);
  const config = parseWorkspace({ name: 'main', requestsPerMinute, streams: known, ...settings });
  const estimate: Patient['estimate'] = (_, leads, seen) => {
    const requests = requestsFor('firstLoad', leads, config, seen);
    return { leads, firstLoad: { requests, hours: 0, dollars: 0 }, night: noLoad, dollarsPerMonth: 0 };
  };
  return examineApi({ config, baseUrl, environment: {}, leads: undefined, estimate }, api, () => {});
}

const problems = ({ findings }: { findings: readonly Pick<Finding, 'area' | 'level' | 'says'>[] }) =>
  findings.flatMap(({ area, level, says }) => (level === 'look' || level === 'unusable' ? [`${area}: ${says}`] : []));
const answer = z.object({
  verdict: z.string(),
  findings: z.array(
    z.object({ area: z.string(), level: z.enum(['ok', 'look', 'unusable', 'skipped']), says: z.string() }),
  ),
});
const parsed = ({ stdout }: { stdout: string }) => answer.parse(JSON.parse(stdout));

describe('the doctor', () => {
  it('finds nothing on a server that follows the contract, and says in what order it lists', async () => {
    const examined = await examine(await foreign());
    expect(problems(examined)).toEqual([]);
    const orders = examined.endpoints.flatMap(({ order }) => order ?? []);
    expect(new Set(orders)).toEqual(new Set(['updated_at, newest first']));
    expect(examined.findings).toContainEqual({
      area: 'key',
      level: 'ok',
      says: 'belongs to the workspace tenant-7, role member',
    });
  });

  it('finds nothing on the simulator', async () => {
    const simulator = await startSimulator({ leads: 30 });
    open.push(() => simulator.stop());
    const examined = await examine({ url: simulator.baseUrl, key: simulator.apiKey });
    expect(problems(examined)).toEqual([]);
    expect(examined.findings).toContainEqual({ area: 'size', level: 'ok', says: '30 leads (counted)' });
  });

  it('names the fields that are new, missing or of another type, and what becomes of them', async () => {
    const api = await foreign({
      change(tables) {
        for (const lead of [tables['/leads']].flat()) Object.assign(lead ?? {}, { linkedin_url: person });
        for (const field of [tables['/lead-fields']].flat()) delete field?.['label'];
        for (const thread of [tables['/inbox/threads']].flat()) Object.assign(thread ?? {}, { message_count: person });
      },
    });
    const examined = await examine(api);
    expect(problems(examined)).toEqual([
      '/inbox/threads: message_count is string in 5 of 5 rows, not integer',
      '/inbox/threads/{thread_id}: message_count is string in 1 of 1 rows, not integer',
      '/lead-fields: missing in all 1 rows: label',
    ]);
    // A field more is no problem: nothing needs to be done.
    expect(examined.findings).toContainEqual({
      area: '/leads, /leads/{lead_id}',
      level: 'note',
      says: 'has fields that the contract does not name; they are kept in the column _extra: linkedin_url (string)',
    });
  });

  it('fits a terminal, without cutting what it says', () => {
    const says = 'the answer is long, and the terminal of whoever reads it is only forty columns wide';
    const findings = [{ area: 'network', level: 'ok', says } as const];
    const diagnosis = { workspace: 'main', baseUrl: '', requests: 1, findings, endpoints: [] };
    const lines = linesOf(diagnosis, { width: 40, hasColour: false });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines.slice(0, -2).join(' ').replaceAll(/ +/g, ' ')).toBe(`As it should be: network: ${says}`);
  });

  it('tells which parameters do not work', async () => {
    const api = await foreign({ ignores: ['limit', 'updated_after'], withoutPagination: true });
    expect(problems(await examine(api))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\/leads, \S+, \S+, \S+ and 18 more: has no pagination/),
        'limit: /leads?limit=2 gives 5 rows: limit is ignored',
        'updated_after: /leads gives 3 of 5 rows that are older than asked for: updated_after does not filter',
      ]),
    );
  });

  it('tells the scopes that the key lacks and what they are for, and does not call the rest broken', async () => {
    const scopes = allScopes.filter((scope) => !['messages.read', 'webhooks.write'].includes(scope));
    expect(problems(await examine(await foreign({ scopes })))).toEqual([
      'scopes: lacks messages.read, for lead_messages',
      'scopes: lacks webhooks.write, for the webhook endpoint',
    ]);
  });

  it('believes a path that answers more than the scopes that /me lists', async () => {
    const listedScopes = allScopes.filter((scope) => scope !== 'messages.read');
    const examined = await examine(await foreign({ listedScopes }));
    expect(problems(examined)).toEqual([]);
    expect(examined.settings).toBeUndefined();
    expect(examined.findings).toContainEqual({
      area: 'scopes',
      level: 'note',
      says: 'messages.read is not among the scopes that /me lists, but its paths answer',
    });
  });

  it('estimates the requests of a workspace without rows from what it has seen of it', async () => {
    const api = await foreign({
      change(tables) {
        for (const [path, rows] of Object.entries(tables)) if (Array.isArray(rows)) tables[path] = [];
      },
    });
    const requests = (await examine(api)).estimate?.firstLoad.requests;
    // One request for each list, one or two whose key it is.
    const lists = streams.filter(({ scope, parent }) => allScopes.includes(scope) && !parent).length;
    expect(requests).toBeGreaterThanOrEqual(lists);
    expect(requests).toBeLessThanOrEqual(lists + 2);
  });

  it('says that a first load which takes longer than a run goes on in further runs', async () => {
    const config = parseWorkspace({ name: 'main', requestsPerMinute: 10 });
    const leads = { count: 200_000, isExact: true, from: 'as --leads says' };
    const load = { requests: 60_000, hours: 100 };
    const estimated = { leads: 200_000, firstLoad: { ...load, dollars: 1 }, night: noLoad, dollarsPerMonth: 1 };
    expect(sizeFindings(leads, estimated, config)).toContainEqual({
      area: 'first load',
      level: 'note',
      says: 'some 60,000 requests, 4.2 days at 10 a minute, $1.00. A run ends after 72 hours (runDeadlineHours), so the load goes on over several runs',
    });
  });

  it('groups missing scopes with what they cost, and gives the settings with which nothing is missing', async () => {
    const scopes = allScopes.filter((scope) => !['jobs.read', 'leads.export', 'webhooks.write'].includes(scope));
    const api = await foreign({ scopes });
    const examined = await examine(api);
    const lines = linesOf({ workspace: 'main', baseUrl: api.url, requests: 1, ...examined });
    expect(lines.slice(0, 8)).toEqual([
      'The key lacks 3 scopes, and what needs them:',
      '  jobs.read       jobs, job_events',
      '  leads.export    exports, the weekly export',
      '  webhooks.write  the webhook endpoint',
      '    Give the key these scopes, or leave out what needs them.',
      '',
      'Settings of prospect-lake.config.ts that load the rest:',
      expect.stringMatching(/^  streams: \['leads', .*'lead_messages'.*\],$/),
    ]);
    expect(lines.slice(8, 11)).toEqual(["  exports: { cron: 'off' },", '  webhooks: { enabled: false },', '']);
    const { streams: rest = [], ...features } = examined.settings ?? {};
    const again = await examine(api, { streams: [...rest], ...features });
    expect(problems(again)).toEqual([]);
    expect(again.settings).toBeUndefined();
  });

  it('names the tables that cannot be loaded and why, with their children', async () => {
    const change: ForeignOptions['change'] = (tables) => {
      delete tables['/campaigns'];
      tables['/jobs'] = {};
    };
    const api = await foreign({ change });
    const examined = await examine(api);
    const lines = linesOf({ workspace: 'main', baseUrl: api.url, requests: 1, ...examined });
    expect(lines.slice(0, lines.indexOf(''))).toEqual([
      'Tables that cannot be loaded:',
      '  campaigns',
      '    /campaigns not found (404). Check the address, or ask the vendor whether the path has moved.',
      '  jobs',
      '    /jobs has no list in data. Ask the vendor what has changed.',
      '  campaign_logs, campaign_runs, campaign_run_events',
      '    campaigns cannot be loaded, and these tables are asked for with the ids of its rows.',
      '  job_events',
      '    jobs cannot be loaded, and these tables are asked for with the ids of its rows.',
    ]);
    expect(examined.settings?.streams).toContain('leads');
    expect(examined.settings?.streams?.filter((name) => /campaign|job/.test(name))).toEqual([]);
  });

  it('never shows a value of a row', async () => {
    const change: ForeignOptions['change'] = (tables) => {
      const lead = [tables['/leads']].flat()[0] ?? {};
      Object.assign(lead, { created_at: person, object: person, tags: person, [`${person}@x`]: person, id: null });
    };
    const api = await foreign({ change });
    const diagnosis = { workspace: 'main', baseUrl: api.url, requests: 1, ...(await examine(api)) };
    for (const text of [linesOf(diagnosis).join('\n'), JSON.stringify(dataOf(diagnosis))]) {
      expect(text).toContain('created_at is text that is no time');
      expect(text).toContain('1 of 7 rows have no usable key');
      expect(text).not.toMatch(/person-value/i);
      expect(text).not.toContain(api.key);
    }
  });

  it('makes no more requests than it says', async () => {
    const api = await foreign();
    await examine(api);
    expect(api.asked.length).toBeLessThanOrEqual(plannedRequests(parseWorkspace({ name: 'main' })));
  });

  it('blames no parameter of the API that it had no request left to try', async () => {
    const api = await foreign();
    for (const mostRequests of [14, 28, 42]) {
      const { findings } = await examine(api, { mostRequests });
      const told = findings.map(({ says }) => says).join();
      expect(told).toContain('not asked: the requests of this examination are used up');
      expect(told).not.toContain('gives no page');
    }
  });

  it('makes no more requests than it may, and says what it did not ask', async () => {
    const api = await foreign();
    const ended = await run(api, '--requests', '1');
    expect([ended.code, api.asked]).toEqual([1, ['/me']]);
    expect(ended.stdout).toContain('was not asked: the requests of this command are used up');
    expect(ended.stderr).toMatch(/^Workspace 'main' at .*: at most 1 request, 60,000 a minute\.\n/);
  });

  it('waits as long as the API asks it to, and says that the rate is too high', async () => {
    const says = 'rate: refused 1 request as too many, at 60,000 a minute';
    expect(problems(await examine(await foreign({ refusals: 1 })))).toEqual([says]);
  });

  it('says in one line that nothing can be examined without a key and without credentials', async () => {
    const ended = await runHere({ environment: noAws }, () => commandStatus(doctor, []));
    expect(ended.stderr).not.toContain('Not examined');
    expect(ended).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^There is nothing to examine\. .*no key.*no AWS region.*\n$/),
    });
  });
});

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
    expect([ended.code, problems(parsed(ended))]).toEqual([2, ['key: The API refuses the key (401).']]);
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
    expect(adviceOn({ status: 500 })).toBe(
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
