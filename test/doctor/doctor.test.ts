/** What the doctor says about servers that share no code with the simulator. */

import { describe, expect, it } from 'vitest';
import { plannedRequests } from '../../doctor/examine-api.ts';
import { type RequestsSeen, withFindings } from '../../doctor/checks/requests-seen.ts';
import { requestsFor, sizeFindings } from '../../doctor/checks/size.ts';
import { doctor } from '../../doctor/main.ts';
import { exitStatus } from '../../doctor/finding.ts';
import { dataOf, linesOf } from '../../doctor/report.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { parseWorkspace } from '../../lib/config/config.ts';
import { commandStatus } from '../../local/cli/run-command.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { runHere } from '../support/start-process.ts';
import { type ForeignOptions } from './foreign-api.ts';
import { allScopes, person } from './foreign-rows.ts';

import { examine, foreign, noAws, noLoad, open, problems, run } from './examining.ts';

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
      '/inbox/threads: message_count is string of the form "letters letters-letters" in 5 of 5 rows, not integer',
      '/inbox/threads/{thread_id}: message_count is string of the form "letters letters-letters" in 1 of 1 rows, not integer',
      '/lead-fields: missing in all 1 rows: label',
    ]);
    // A field more is no problem: nothing needs to be done.
    expect(examined.findings).toContainEqual({
      area: '/leads, /leads/{lead_id}',
      level: 'note',
      says: 'fields that the contract does not name, kept in the column _extra: linkedin_url (string)',
    });
    const lines = linesOf({ workspace: 'main', baseUrl: api.url, requests: 1, ...examined });
    expect(lines.find((line) => line.includes('customColumns'))).toBe(
      "  customColumns: { leads: { linkedin_url: { type: 'string', personal: 'quote' } }, inbox_threads: { message_count_string: { type: 'string', field: 'message_count', personal: 'quote' } } },",
    );
    expect(lines.at(-1)).toBe('3 to look at. 1 request made.');
  });

  it('does not call a field lost that a custom column of the configuration takes', async () => {
    const api = await foreign({
      change(tables) {
        for (const lead of [tables['/leads']].flat()) Object.assign(lead ?? {}, { linkedin_url: person });
        for (const thread of [tables['/inbox/threads']].flat()) Object.assign(thread ?? {}, { message_count: person });
      },
    });
    const customColumns = {
      leads: { profile: { type: 'string', field: 'linkedin_url' } },
      inbox_threads: { message_count_text: { type: 'string', field: 'message_count' } },
    } as const;
    const examined = await examine(api, { customColumns });
    expect(problems(examined)).toEqual([]);
    expect(examined.customColumns).toBeUndefined();
    const notes = examined.findings.filter(({ area, level }) => level === 'note' && area !== 'estimate');
    expect(notes.map(({ says }) => says)).toEqual([
      'message_count is string of the form "letters letters-letters" in 5 of 5 rows, not integer; values that fit the custom column message_count_text are in it',
      'message_count is string of the form "letters letters-letters" in 1 of 1 rows, not integer; values that fit the custom column message_count_text are in it',
    ]);
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
      expect.arrayContaining(['limit: /leads?limit=2 gives 5 rows: limit is ignored']),
    );
  });

  it('is content with what a run copes with by itself: one page as the whole list, a filter that does not filter', async () => {
    const examined = await examine(await foreign({ ignores: ['updated_after'], withoutPagination: true }));
    expect(problems(examined)).toEqual([]);
    expect(exitStatus(examined.findings)).toBe(0);
    const notes = examined.findings.filter(({ level }) => level === 'note').map(({ area, says }) => `${area}: ${says}`);
    expect(notes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\/leads, \S+, \S+, \S+ and \d+ more: no pagination/),
        'updated_after: /leads gives 4 of 7 rows that are older than asked for: updated_after does not filter',
      ]),
    );
  });

  it('asks to look at a list without pagination whose page is full', async () => {
    const examined = await examine(await foreign({ withoutPagination: true }), { pageSize: 5 });
    expect(problems(examined)).toContainEqual(expect.stringMatching(/^\/leads.*: no pagination .*its page is full$/));
  });

  it('estimates a night that reads all leads if the API does not filter them by time', async () => {
    const wholeNight: RequestsSeen = new Map([['leads', { night: 'firstLoad' }]]);
    const config = parseWorkspace({ name: 'main', streams: ['leads'] });
    const requests = (phase: 'firstLoad' | 'night', seen?: RequestsSeen) => requestsFor(phase, 50_000, config, seen);
    expect(requests('night')).toBeLessThan(requests('firstLoad') / 2);
    expect(requests('night', wholeNight)).toBeGreaterThan(requests('firstLoad') - 5);
    const examined = await examine(await foreign({ ignores: ['updated_after'] }));
    expect(withFindings(undefined, examined.findings)).toEqual(wholeNight);
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

  it('suggests columns for new fields beside those that the configuration has already', async () => {
    const api = await foreign({
      change(tables) {
        for (const lead of [tables['/leads']].flat()) Object.assign(lead ?? {}, { leadScore: 7, tier: 'gold' });
      },
    });
    const tier = { type: 'string', personal: false } as const;
    const { customColumns } = await examine(api, { customColumns: { leads: { tier } } });
    expect(customColumns).toEqual({
      leads: { tier, lead_score: { type: 'integer', field: 'leadScore', personal: 'quote' } },
    });
  });

  it('suggests a second column for values that do not fit, in the same block', async () => {
    const api = await foreign({
      change(tables) {
        for (const lead of [tables['/leads']].flat())
          Object.assign(lead ?? {}, { linkedin: person, created_at: person });
      },
    });
    const { customColumns } = await examine(api);
    expect(customColumns).toEqual({
      leads: {
        linkedin: { type: 'string', personal: 'quote' },
        created_at_string: { type: 'string', field: 'created_at', personal: 'quote' },
      },
    });
  });

  it.each([
    [39, true],
    [40, false],
    [401, true],
  ])('says of %i leads whether the estimate is extrapolated: %s', (count, isExtrapolated) => {
    const leads = { count, isExact: true, from: 'counted' };
    const load = { requests: 10, hours: 0.001 };
    const estimated = { leads: count, firstLoad: { ...load, dollars: 1 }, night: load, dollarsPerMonth: 1 };
    const says = sizeFindings(leads, estimated, parseWorkspace({ name: 'main' })).map((finding) => finding.says);
    expect(says).toContain('some 10 requests, less than a minute at 60 requests a minute');
    expect(says.some((text) => text.includes('extrapolated'))).toBe(isExtrapolated);
  });

  it('says that a first load which takes longer than a run goes on in further runs', async () => {
    const config = parseWorkspace({ name: 'main', requestsPerMinute: 10 });
    const leads = { count: 200_000, isExact: true, from: 'as --leads says' };
    const load = { requests: 60_000, hours: 100 };
    const estimated = { leads: 200_000, firstLoad: { ...load, dollars: 1 }, night: noLoad, dollarsPerMonth: 1 };
    expect(sizeFindings(leads, estimated, config)).toContainEqual({
      area: 'first load',
      level: 'note',
      says: 'some 60,000 requests, 4.2 days at 10 requests a minute, $1.00. A run ends after 72 hours (runDeadlineHours), so the load goes on over several runs',
    });
  });

  it('never shows a value of a row', async () => {
    const change: ForeignOptions['change'] = (tables) => {
      const lead = [tables['/leads']].flat()[0] ?? {};
      Object.assign(lead, { created_at: person, object: person, tags: person, [`${person}@x`]: person, id: null });
    };
    const api = await foreign({ change });
    const diagnosis = { workspace: 'main', baseUrl: api.url, requests: 1, ...(await examine(api)) };
    for (const text of [linesOf(diagnosis).join('\n'), JSON.stringify(dataOf(diagnosis))]) {
      expect(text).toContain('created_at is text of the form');
      expect(text).toContain('letters letters-letters');
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
