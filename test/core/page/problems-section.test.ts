import { describe, expect, it } from 'vitest';
import { withCustomColumns } from '../../../lambdas/contract/custom-columns.ts';
import { emptyPageState, withRun } from '../../../lambdas/core/page/page-state.ts';
import { renderPage } from '../../../lambdas/core/page/render-page.ts';
import { nightAfter, pageAfter, pageSettings, renderedAt as at } from '../../support/page-nights.ts';
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
});
