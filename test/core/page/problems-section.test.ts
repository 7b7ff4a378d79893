import { describe, expect, it } from 'vitest';
import { withCustomColumns } from '../../../lambdas/contract/custom-columns.ts';
import { emptyPageState, withRun } from '../../../lambdas/core/page/page-state.ts';
import { renderPage } from '../../../lambdas/core/page/render-page.ts';
import { runProblems } from '../../../lambdas/core/publish/run-problems.ts';
import { emptyState } from '../../../lambdas/core/runs/pipeline-state.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { nightAfter, pageAfter, pageSettings, renderedAt as at } from '../../support/page-nights.ts';
import { tableReport } from '../../support/table-report.ts';
import { unfitColumn } from '../../support/unfit-column.ts';

describe('the problems and notes of the page', () => {
  it('names fields that the API changed, and how to give them a column until they have one', () => {
    const change = {
      table: 'leads',
      field: 'budget',
      what: 'new' as const,
      from: [],
      to: ['number' as const],
      share: 0.5,
      shape: null,
      suggestion: "customColumns: { leads: { budget: { type: 'integer' } } }",
    };
    const night = nightAfter(0);
    const unfitColumns = [unfitColumn];
    const changed = { ...night, report: { ...night.report, schemaChanges: [change], unfitColumns } };
    expect(pageAfter(changed)).toMatch(/leads\.budget is new: [^]* in the configuration \(/);
    // Like a command, it is in a block of its own, which has a button that copies it.
    expect(pageAfter(changed)).toContain(
      '<span class="command"><code>customColumns: { leads: { budget: { type: &#39;integer&#39;, personal: &#39;quote&#39; } }, jobs: { created_at_integer: { type: &#39;integer&#39;, field: &#39;created_at&#39;, personal: &#39;quote&#39; } } }</code></span>',
    );
    expect(pageAfter(changed).match(/customColumns: \{/g)).toHaveLength(1);
    const streams = pageSettings.streams.map((one) =>
      withCustomColumns(one, { leads: { budget: { type: 'integer' } } }),
    );
    const later = pageAfter(changed, {}, { ...pageSettings, streams });
    expect(later).toContain('leads.budget is new');
    expect(later).toContain('customColumns: { leads: { budget: { type: &#39;integer&#39; } }, jobs: {');
    expect(
      pageAfter({ ...changed, report: { ...changed.report, unfitColumns: [] } }, {}, { ...pageSettings, streams }),
    ).not.toContain('customColumns: {');
  });

  it('says that the API slowed the last night down', () => {
    const night = nightAfter(0);
    const limited = { answers: 120, milliseconds: 840_000, requestsPerMinute: 600 };
    expect(pageAfter({ ...night, report: { ...night.report, limited } })).toContain(
      'were answered 429, and the run waited 14 min for that. If this happens each night, lower requestsPerMinute (600 now)',
    );
  });

  it('says what became of rows that the API did not give, once the run that asks again has ended', () => {
    const asked = nightAfter(0.5, { kind: 'confirm' });
    const night = nightAfter(0, { tables: { inbox_threads: { rowsSuspected: 15 } } });
    const suspecting = { ...night, report: { ...night.report, confirmRunId: asked.report.runId } };
    expect(pageAfter(suspecting)).toContain('asks again before they are deleted.');
    const states = [
      [suspecting, asked],
      [suspecting, asked, suspecting],
    ].map((runs) => runs.reduce(withRun, emptyPageState));
    for (const state of states) {
      const page = renderPage(state, pageSettings, '%content%', at);
      expect(page).toContain('15 rows of inbox_threads that the API did not give: all exist');
      expect(page).not.toContain('asks again');
      expect(page).toContain(`<small class="id">${asked.report.runId}</small>`);
    }
  });

  it('folds equal changes of many fields to one line', () => {
    const retyped = (table: string, field: string) => ({
      table,
      field,
      what: 'another type' as const,
      from: ['string' as const],
      to: ['number' as const],
      share: 1,
      shape: '9',
      suggestion: null,
    });
    const fields = ['created_at', 'updated_at'];
    const schemaChanges = ['leads', 'jobs', 'imports'].flatMap((table) => fields.map((field) => retyped(table, field)));
    const night = nightAfter(0);
    const page = pageAfter({ ...night, report: { ...night.report, schemaChanges } });
    expect(page).toContain('leads.created_at, leads.updated_at and 4 more were string and are now number.');
    expect(page.match(/The API changed/g)).toHaveLength(1);
  });

  it('names the tables for which single parents failed', () => {
    const tables = { lead_activities: { itemsFailed: 389 }, lead_messages: { itemsFailed: 401 } };
    expect(pageAfter(nightAfter(0, { tables }))).toContain(
      'although they could for others: lead_activities 389, lead_messages 401. The next night asks for them again.',
    );
  });

  it('tells a custom column without a value, which is no problem', () => {
    const emptyColumns = [{ table: 'leads', column: 'vat_id', field: 'vatId' }];
    const night = nightAfter(0);
    const page = pageAfter({ ...night, report: { ...night.report, emptyColumns } });
    expect(page).toContain('Nothing needs you.');
    expect(page).toContain('The custom column leads.vat_id gets no value');
  });

  it('spells out the errors that a problem only names by their codes, with the tables below', () => {
    const unavailable = { code: 'unavailable', message: 'jobs: the API answered 500.', requestId: 'req_7' };
    const below = { code: 'parent_failed', message: 'job_events is read for each row of jobs', requestId: null };
    const problem = {
      problem: 'RunPartial' as const,
      message: 'It is partial: unavailable in jobs.',
      tables: ['jobs'],
    };
    const tables = {
      jobs: { status: 'failed' as const, error: unavailable },
      job_events: { status: 'failed' as const, error: below },
    };
    const page = pageAfter(nightAfter(0, { tables, problems: [problem] }));
    expect(page).toContain(
      '<p>It is partial:</p><ul class="notes"><li>jobs, job_events: The API answered 500. The vendor’s request id: req_7.</li>',
    );
    expect(page).toContain('the same as jobs');
  });

  it('names the tables and columns in commands, so that they can be copied as they are', () => {
    const unfit = (table: string, column: string) => ({
      table,
      column,
      type: 'number' as const,
      values: 9,
      unfit: 9,
      given: ['string' as const],
    });
    const night = nightAfter(0, {
      problems: [
        { problem: 'ValuesDoNotFit', message: 'Values do not fit.', tables: ['leads', 'jobs'] },
        { problem: 'RunPartial', message: 'It is partial: unavailable in jobs.', tables: ['jobs', 'imports'] },
      ],
    });
    const unfitColumns = [{ ...unfit('leads', 'budget'), field: 'lead_budget' }, unfit('jobs', 'progress')];
    const settings = { ...pageSettings, localFlags: ' --local --out ../x' };
    const page = pageAfter({ ...night, report: { ...night.report, unfitColumns } }, {}, settings);
    const commands = [...page.matchAll(/<span class="command"[^>]*><code>(.*?)<\/code>/g)].map(([, text]) => text);
    const query = (sql: string) => `npx prospect-lake query &quot;${sql}&quot; --out ../x`;
    expect(commands).toContain(
      query('SELECT json_extract(_extra, &#39;$.lead_budget&#39;) FROM leads WHERE budget IS NULL LIMIT 10'),
    );
    expect(commands).toContain(
      query('SELECT json_extract(_extra, &#39;$.progress&#39;) FROM jobs WHERE progress IS NULL LIMIT 10'),
    );
    expect(commands).toContain('npx prospect-lake ops audit --stream jobs,imports --local --out ../x');
    expect(page).toContain(`<span class="id">${night.report.runId}</span>`);
    expect(commands.filter((text) => text?.includes('&lt;'))).toEqual([]);
  });

  it.each([
    ['fit', { fitsAgain: true as const }, 'which fills them', /report it to the vendor|customColumns/],
    ['were not read', { notReadSince: true as const }, 'which fills them', /report it to the vendor|customColumns/],
    ['do not fit', {}, 'report it to the vendor', /which fills them/],
  ])('shows only what to do about values if the newest %s', (_, found, shown, hidden) => {
    const night = nightAfter(0, {
      problems: [{ problem: 'ValuesDoNotFit', message: 'Values do not fit.', tables: ['leads'] }],
    });
    const column = { table: 'leads', column: 'budget', type: 'number' as const, values: 9, unfit: 9 };
    const unfitColumns = [{ ...column, given: ['string' as const], ...found }];
    const page = pageAfter({ ...night, report: { ...night.report, unfitColumns } });
    const card = /<section id="problems".*?<\/section>/s.exec(page)?.[0];
    expect(card).toContain(shown);
    expect(card).not.toMatch(hidden);
  });

  it.each([
    [4, false],
    [3, true],
  ])('offers no replay if the API gives no key for %i of 4 rejected rows: %s', (rowsKeyless, isOffered) => {
    const tables = { jobs: tableReport({ rowsExtracted: 9, rowsRejected: 4, rowsKeyless }) };
    const report = { ...nightAfter(0).report, tables };
    const problems = runProblems(report, emptyState, { expectedHours: 26, streamNamed });
    const page = pageAfter({
      ...nightAfter(0),
      problems: problems.map((one) => ({ ...one, tables: [...one.tables] })),
      report,
    });
    const card = /Rows rejected<\/h3>.*?<\/article>/s.exec(page)?.[0] ?? '';
    expect(card).toContain('jobs 4 of 9');
    expect(card.includes('replay-rejected')).toBe(isOffered);
    expect(card).toContain(
      isOffered ? 'For 3 of the 4 the API gives no key' : 'so there is nothing to replay: report it',
    );
  });

  it('shows what to do in both cases if the newest values of some columns fit', () => {
    const night = nightAfter(0, {
      problems: [{ problem: 'ValuesDoNotFit', message: 'Values do not fit.', tables: ['leads'] }],
    });
    const unfitColumns = [unfitColumn, { ...unfitColumn, column: 'updated_at', fitsAgain: true as const }];
    const card = /<section id="problems".*?<\/section>/s.exec(
      pageAfter({ ...night, report: { ...night.report, unfitColumns } }),
    )?.[0];
    expect(card).toContain('If the newest values of a column fit, or none were read since: the message then says so');
    expect(card).toContain('If they do not fit: if the vendor changed the form');
  });

  it('tells the gravest problem first, a decision before what tables lack, and commands after their sentence', () => {
    const found = (['RowsRejected', 'DeletionsHeld', 'RunPartial', 'ScopeMissing'] as const).map((problem) => ({
      problem,
      message: 'It is so.',
      tables: ['jobs'],
    }));
    const page = pageAfter(nightAfter(0, { problems: found }));
    const titles = [...page.matchAll(/<\/svg>([^<]*)<\/h3>/g)].map(([, title]) => title);
    expect(titles.slice(-4)).toEqual(['Scope missing', 'Deletions held', 'Run partial', 'Rows rejected']);
    const [, act = ''] = /Run partial<\/h3>.*?<strong>Do:<\/strong>(.*?)<\/p>/s.exec(page) ?? [];
    expect(act.replaceAll(/<span class="command">.*?<\/span>/g, '[command]')).toMatch(/[.:] \[command\] \[command\]$/);
  });

  it('leaves a command in the middle of a sentence in its line', () => {
    const problem = { problem: 'ScopeMissing' as const, message: 'It is so.', tables: ['jobs'] };
    const settings = { ...pageSettings, localFlags: ' --local' };
    const page = pageAfter(nightAfter(0, { problems: [problem] }), {}, settings);
    expect(page).toContain('the next <code>npx prospect-lake start</code> then leaves that table out.');
    expect(page).toContain('comes from <span class="command"><code>npx prospect-lake doctor</code></span>');
  });

  it('does not repeat in the message what the advice says', () => {
    const message =
      'The API answered 401. Put a valid key into the secret of this workspace and run again. Request: 7.';
    const page = pageAfter(nightAfter(0, { problems: [{ problem: 'KeyRefused', message, tables: ['jobs'] }] }));
    expect(page).toContain('<p>The API answered 401. Request: 7.</p>');
    expect(page.split(/put a valid key into the secret/i)).toHaveLength(2);
  });

  it('shows what a person needs at once, and the rest of the runbook on demand', () => {
    const problem = { problem: 'DeadLetters' as const, message: 'Work was given up.', tables: ['jobs'] };
    const page = pageAfter(nightAfter(0, { problems: [problem] }));
    const card = page.split('<article').find((text) => text.includes('Dead letters</h3>')) ?? '';
    const [shown = '', more = ''] = card.split('<summary>More, and where to look</summary>');
    expect(shown).toContain(
      '<strong>Means:</strong> Work was tried as often as the queue allows, and then given up.</p>',
    );
    expect(shown).toContain('npx prospect-lake ops replay-dead-letters');
    expect(shown).not.toContain('SQS');
    expect(more).toContain('SQS');
  });

  it('says of each problem what it means for the data, and has no link that leads nowhere', () => {
    const problem = { problem: 'KeyRefused' as const, message: 'The API refused the key.', tables: ['jobs'] };
    const page = pageAfter(nightAfter(0, { problems: [problem] }));
    expect(page).toContain('<strong>Means:</strong> The API refused the key (401), so a run failed at once.');
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...page.matchAll(/<a [^>]*href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
    expect(page).not.toContain('href="#runbook"');
    expect(page).toContain('prospect-lake/main/api-key');
    expect(page).not.toContain('&lt;workspace&gt;');
  });
});
