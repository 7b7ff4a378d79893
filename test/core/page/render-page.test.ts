import { describe, expect, it } from 'vitest';
import { emptyPageState, withRun } from '../../../lambdas/core/page/page-state.ts';
import { renderPage } from '../../../lambdas/core/page/render-page.ts';
import {
  dataIn,
  nightAfter,
  pageAfter,
  pageSettings,
  pageTemplate,
  renderedAt as at,
} from '../../support/page-nights.ts';

describe('the page after a night', () => {
  it('says in its headline as of when the tables are up to date, because it may be opened days later', () => {
    expect(pageAfter(nightAfter(0))).toContain('Every table is up to date as of 1 Jan 2026, 02:00 UTC</h1>');
  });

  it('says in its headline as of when the tables are also after a night that failed or is partial', () => {
    const failed = (name: string) => [name, { status: 'failed' as const }];
    const all = Object.fromEntries(pageSettings.streams.map(({ name }) => failed(name)));
    const headlineAfter = (...runs: ReturnType<typeof nightAfter>[]) =>
      /([^>]*)<\/h1>/.exec(renderPage(runs.reduce(withRun, emptyPageState), pageSettings, '%content%', at))?.[1];
    const [whole, partial] = [nightAfter(0), nightAfter(1, { tables: Object.fromEntries([failed('jobs')]) })];
    expect(headlineAfter(whole, nightAfter(2, { tables: all }))).toBe(
      'The last night failed. Your tables are as of 1 Jan 2026, 02:00 UTC',
    );
    expect(headlineAfter(whole, partial, nightAfter(2, { tables: all }))).toBe(
      'The last night failed. Your tables are as of 2 Jan 2026, 02:00 UTC, and some are older',
    );
    expect(headlineAfter(nightAfter(2, { tables: all }))).toBe('The last night failed');
    expect(headlineAfter(whole, partial)).toBe(
      'The last night left 1 table incomplete. The others are as of 2 Jan 2026, 02:00 UTC',
    );
  });

  it('does not call tables up to date that the last night no longer read, and says when they were last read', () => {
    const narrowed = nightAfter(4);
    const { leads, jobs } = narrowed.report.tables;
    if (!leads || !jobs) throw new Error('The night has no such tables.');
    const report = { ...narrowed.report, tables: { leads, jobs } };
    const hours = new Map([...narrowed.hours].filter(([name]) => name in report.tables));
    const last = { ...narrowed, report, hours, rows: new Map() };
    const page = renderPage([nightAfter(0), last].reduce(withRun, emptyPageState), pageSettings, '%content%', at);
    const others = pageSettings.streams.length - 2;
    expect(page).toContain(
      `2 tables are up to date as of 5 Jan 2026, 02:00 UTC; ${others} others are switched off</h1>`,
    );
    expect(page).toMatch(/#t-campaigns">campaigns<.*?<td>1 Jan( 2026)?<\/td>/);
    expect(page).toMatch(/#t-campaigns">campaigns<\/a><\/th><td>switched off<\/td>/);
    expect(page).not.toContain('<td>never</td>');
    const busy = [nightAfter(0), { ...last, underWay: ['jobs', 'campaigns', 'imports'] }].reduce(
      withRun,
      emptyPageState,
    );
    expect(renderPage(busy, pageSettings, '%content%', at)).toContain(
      `; ${others - 2} others are switched off, and another run still reads 2 others</h1>`,
    );
  });

  it('says after the first night already how many tables are switched off', () => {
    const { report, ...run } = nightAfter(0);
    const { leads, jobs } = report.tables;
    if (!leads || !jobs) throw new Error('The night has no such tables.');
    const others = pageSettings.streams.length - 2;
    const headline = `2 tables are up to date as of 1 Jan 2026, 02:00 UTC; ${others} others are`;
    expect(pageAfter({ ...run, report: { ...report, tables: { leads, jobs } } })).toContain(
      `${headline} switched off</h1>`,
    );
    const requested = { ...report, requestedStreams: ['leads', 'jobs'], tables: { leads, jobs } };
    expect(pageAfter({ ...run, report: requested })).toContain(`${headline} not asked for</h1>`);
  });

  it('keeps a number and its percent sign on one line', () => {
    expect(pageAfter(nightAfter(0))).toMatch(/ \d+\u00a0% of what is possible/);
  });

  it('names no budget of the simulator, which has none', () => {
    expect(pageAfter(nightAfter(0))).toContain('budget 600 a minute');
    const page = pageAfter(nightAfter(0), {}, { ...pageSettings, requestsPerMinute: 1_000_000 });
    expect(page).not.toMatch(/budget [\d,]+ a minute|are configured|of what is possible/);
  });

  it('compares nights only from the second on', () => {
    const [first, second] = [[nightAfter(0)], [nightAfter(0), nightAfter(1)]].map((nights) =>
      renderPage(nights.reduce(withRun, emptyPageState), pageSettings, '%content%', at),
    );
    for (const plot of ['<th scope="col">Since ', 'data-chart="requests"', 'data-chart="nights"']) {
      expect(first).not.toContain(plot);
      expect(second).toContain(plot);
    }
    expect(first).toMatch(/a minute are configured/);
  });

  it('says so in place of a plot that has nothing to draw', () => {
    const counts = { rows: 2, isTrue: 0, weeks: {}, contacted: 0, answered: 0, edges: [] };
    const counted = { at: at.toISOString(), isWhole: true, files: { f: counts } };
    const page = pageAfter(nightAfter(0), { counted: { campaign_runs: counted } });
    expect(page).toContain('There were no campaign runs in these weeks.');
    expect(page).not.toContain('data-chart="campaign-runs"');
  });

  it('does not plot as 0 what could not be read', () => {
    const none = { rows: 0, isTrue: 0, weeks: {}, contacted: 0, answered: 0, edges: [] };
    const counted = (files: typeof none) => ({
      at: at.toISOString(),
      isWhole: true,
      isStale: false,
      files: { f: files },
    });
    const error = { code: 'forbidden', message: 'The key lacks a scope.', requestId: null };
    const read = nightAfter(0, { tables: { lead_messages: { status: 'failed', error } } });
    const night = { ...read, rows: new Map([...read.rows].filter(([name]) => name !== 'lead_messages')) };
    const page = pageAfter(night, {
      counted: { leads: counted({ ...none, rows: 9, isTrue: 4 }), lead_messages: counted(none) },
    });
    expect(page).toContain('Left out, because they have never been read: lead_messages.');
    expect(page).not.toMatch(/Written to or called|Answered<|There were no messages/);
    expect(page).toContain('Qualified, answered or not');
  });

  it('draws the rows of a table on through a night that did not write it, and names no rate of a short reading', () => {
    const [first, last] = [nightAfter(0), nightAfter(1, { tables: { jobs: { status: 'failed' } } })];
    const short = {
      ...last,
      rows: new Map(),
      spans: last.spans.slice(0, 1).map((span) => ({ ...span, to: span.from })),
    };
    const page = renderPage(withRun(withRun(emptyPageState, first), short), pageSettings, pageTemplate, at);
    const rows = first.rows.get('jobs');
    expect(dataIn(page)).toMatchObject({ tables: { jobs: { rows: [rows, rows] } } });
    expect(page).toContain(' requests. At most 600 a minute are configured.</p>');
  });

  it('names the tables that it could not begin to read, with when they were last read', () => {
    const error = { code: 'forbidden', message: 'The key lacks a scope.', requestId: null };
    const failed = { status: 'failed' as const, error, requests: 1 };
    const tables = { jobs: failed, imports: failed };
    const night = nightAfter(1, { tables, notBegun: { jobs: undefined, imports: 26 } });
    const page = renderPage(withRun(emptyPageState, night), pageSettings, pageTemplate, at);
    expect(dataIn(page)).toMatchObject({
      notRead: [
        { stream: 'imports', status: 'f', lastRead: 'last read 1 d 2 h earlier' },
        { stream: 'jobs', status: 'f', lastRead: 'never read' },
      ],
    });
    expect(page).toContain('<th scope="row">jobs</th><td>never read</td><td>–</td><td class="n">1</td>');
  });

  it('says of a table that the night read to its end, but left incomplete, that it is so, and of another how old it is', () => {
    const held = { code: 'deletions_held', message: 'Nothing was deleted.', requestId: null };
    const refused = { code: 'forbidden', message: 'The key lacks a scope.', requestId: null };
    const tables = {
      jobs: { status: 'partial' as const, error: held },
      imports: { status: 'failed' as const, error: refused },
    };
    const night = nightAfter(1, { tables, notBegun: { imports: 24.25 } });
    const page = renderPage(withRun(emptyPageState, night), pageSettings, pageTemplate, at);
    expect(page).toMatch(/#t-jobs">jobs<.*<td>partly last night<\/td>/);
    expect(page).toMatch(/#t-imports">imports<.*<td>1 d earlier<\/td>/);
  });

  it('counts only tables that have rows, and tells those that are empty from those that could not be read', () => {
    const error = { code: 'unavailable', message: 'The API cannot be reached.', requestId: null };
    const failed = { status: 'failed' as const, error };
    const night = nightAfter(0, { tables: { jobs: failed, imports: failed, leads: failed } });
    const rows = new Map([...night.rows, ['jobs', 0], ['campaigns', 0]] as const);
    rows.delete('imports');
    const withRows = pageSettings.streams.length - 3;
    expect(pageAfter({ ...night, rows })).toMatch(
      new RegExp(`current rows in ${withRows} tables; 1 table is empty; 2 tables could not be read\\.</p>`),
    );
  });

  it('does not call a table empty that was switched off before any night had read it', () => {
    const night = nightAfter(0);
    const { jobs: _, ...tables } = night.report.tables;
    const rows = new Map([...night.rows, ['jobs', 0]] as const);
    const page = pageAfter({ ...night, report: { ...night.report, tables }, rows });
    expect(page).toMatch(/current rows in \d+ tables\. 1 table is not read: see the catalogue\.<\/p>/);
  });

  it('says of several tables once why they were not read', () => {
    const error = { code: 'unavailable', message: 'The API cannot be reached.', requestId: null };
    const page = pageAfter(
      nightAfter(0, { tables: { jobs: { status: 'failed', error }, imports: { status: 'failed', error } } }),
    );
    expect(page.split(error.message)).toHaveLength(2);
    expect(page).toContain('the same as ');
  });

  it('leaves the names of missing scopes to the problem, so that no cell of a table grows tall', () => {
    const lacking = (name: string) => ({
      status: 'failed' as const,
      error: { code: 'forbidden', message: `The API answered 403 for ${name}.`, requestId: null },
    });
    const page = pageAfter(nightAfter(0, { tables: { jobs: lacking('jobs'), imports: lacking('imports') } }));
    expect(page.split('The key lacks a scope (403).')).toHaveLength(3);
    expect(page).not.toContain('Give the key these scopes');
  });
});

describe('the page after a year', () => {
  const after = (nights: number) => {
    let state = emptyPageState;
    for (let each = 0; each < nights; each += 1) {
      const isBad = each % 5 === 0;
      const error = {
        code: 'unavailable',
        message: 'The API did not answer in time, and not later. '.repeat(4),
        requestId: null,
      };
      state = withRun(state, nightAfter(each, isBad ? { tables: { campaigns: { status: 'partial', error } } } : {}));
      for (const kind of ['refresh', 'confirm'] as const) state = withRun(state, nightAfter(each + 0.5, { kind }));
    }
    return state;
  };

  it('is smaller than 500,000 bytes, and grows no more after that', () => {
    const [year, two] = [after(365), after(730)].map((state) => renderPage(state, pageSettings, pageTemplate, at));
    expect(Buffer.byteLength(year ?? '')).toBeLessThan(470_000);
    expect(Buffer.byteLength(two ?? '')).toBeLessThan(Buffer.byteLength(year ?? '') * 1.02);
  });
});

describe('text of the API on the page', () => {
  const hostile = '</script><script>alert(1)</script>"\'&\u202e';
  const error = { code: 'unavailable', message: hostile, requestId: null };
  const state = withRun(
    emptyPageState,
    nightAfter(1, {
      tables: { leads: { status: 'failed', error, notes: [hostile] } },
      problems: [{ problem: 'RunPartial', message: hostile, tables: ['leads'] }],
    }),
  );
  const page = renderPage({ ...state, counted: { lead_messages: weeksOf(hostile) } }, pageSettings, pageTemplate, at);

  it('is escaped, in the HTML and in the data', () => {
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.includes('<script>alert')).toBe(false);
    expect(page.includes('&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp; ')).toBe(true);
    expect(dataIn(page)).toMatchObject({ messages: [{ category: hostile }] });
  });

  it('names no address from which anything is loaded, and its policy allows none', () => {
    const markup = page.replaceAll(/<!--.*?-->|<script.*?<\/script>/gs, '');
    expect(markup.match(/(src|href|action)="(?!#|data:)[^"]*|url\([^)]*|@import.*/g)).toBeNull();
    expect(/http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'unsafe-inline'; img-src data:;/,
    );
  });
});

function weeksOf(category: string) {
  const counts = {
    rows: 1,
    isTrue: 0,
    weeks: { '2026-12-28': { [category]: 1 } },
    contacted: 0,
    answered: 0,
    edges: [],
  };
  return { at: at.toISOString(), isWhole: true, files: { f: counts } };
}
