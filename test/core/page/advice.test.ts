import { describe, expect, it } from 'vitest';
import { runProblems } from '../../../lambdas/core/publish/run-problems.ts';
import { emptyState } from '../../../lambdas/core/runs/pipeline-state.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { nightAfter, pageAfter, pageSettings } from '../../support/page-nights.ts';
import { tableReport } from '../../support/table-report.ts';
import { unfitColumn } from '../../support/unfit-column.ts';

describe('what the page says to do about a problem', () => {
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
