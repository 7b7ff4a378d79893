import { describe, expect, it } from 'vitest';
import { nightAfter, pageAfter, pageSettings } from '../../support/page-nights.ts';

describe('the page of a local run', () => {
  const problem = {
    problem: 'DeletionsHeld' as const,
    message:
      'The API gave an empty list of jobs, but the table has 30 rows. Nothing was deleted. Approve it: npx prospect-lake ops approve-deletions --run nightly-20260101T020000000Z.',
    tables: ['jobs'],
  };
  const command = 'npx prospect-lake ops approve-deletions --run nightly-20260101T020000000Z';
  const night = nightAfter(0, { problems: [problem] });
  const page = pageAfter(night, {}, { ...pageSettings, localFlags: ' --local --out "../two words"' });

  it('shows commands with the flags that find its folder', () => {
    const flags = '--local --out &quot;../two words&quot;</code>';
    expect(page).toContain(`<code>${command} ${flags}`);
    expect(page).toContain('This is a local run. The logs');
    expect(pageAfter(night)).toContain(`<code>${command}</code>`);
    expect(pageAfter(night)).not.toContain('--local');
  });

  it('has the command of a problem once, with the id of the run, in a block of its own without the full stop', () => {
    expect(page.split('ops approve-deletions')).toHaveLength(2);
    expect(page).toContain('but the table has 30 rows. Nothing was deleted.</p>');
    expect(pageAfter(night)).toContain(`<span class="command"><code>${command}</code></span> To undo`);
  });

  it('shows SQL as a command that asks the folder, and on a deployed page as it is', () => {
    const rejected = { problem: 'RowsRejected' as const, message: 'Rows were set aside.', tables: ['jobs'] };
    const [local, deployed] = [' --local --workspace main --out lake', ''].map((localFlags) =>
      pageAfter(nightAfter(0, { problems: [rejected] }), {}, { ...pageSettings, localFlags }),
    );
    const sql =
      'SELECT reason, count(*) FROM rejected_rows WHERE _run_id = &#39;nightly-20260101T020000000Z&#39; GROUP BY 1';
    expect(local).toContain(`<code>npx prospect-lake query &quot;${sql}&quot; --out lake</code>`);
    expect(local).toContain('<code>npx prospect-lake query --out lake</code>');
    expect(local).toContain('<code>npx prospect-lake ops replay-rejected --local --workspace main --out lake</code>');
    expect(deployed).toContain(`<code>${sql}</code>`);
  });

  it('does not tell anybody to deploy', () => {
    for (const problem of ['ScopeMissing', 'RowsRejected', 'KeyRefused', 'ValuesDoNotFit'] as const) {
      const problems = [{ problem, message: 'It is so.', tables: ['jobs'] }];
      const local = pageAfter(nightAfter(0, { problems }), {}, { ...pageSettings, localFlags: ' --local' });
      expect(/<section id="problems".*?<\/section>/s.exec(local)?.[0]).not.toMatch(
        /[Dd]eploy(?!ment, or on your own machine|ment\. )/,
      );
    }
  });

  it('leaves out the queues of SQS, which only a workspace in AWS has', () => {
    const deadLetters = nightAfter(0, {
      problems: [{ problem: 'DeadLetters', message: 'Work was given up.', tables: ['jobs'] }],
    });
    expect(pageAfter(deadLetters)).toContain('SQS');
    const local = pageAfter(deadLetters, {}, { ...pageSettings, localFlags: ' --local' });
    expect(/<section id="problems".*?<\/section>/s.exec(local)?.[0]).not.toMatch(/SQS|missed-runs<\/code> holds/);
    expect(local).toContain('npx prospect-lake ops replay-dead-letters --local');
  });

  it('names the place of the key that the reader has: a variable for a folder, a secret for a deployed workspace', () => {
    const refused = nightAfter(0, { problems: [{ problem: 'KeyRefused', message: 'It is so.', tables: ['jobs'] }] });
    const [local, deployed] = [' --local', ''].map((localFlags) => {
      const text = pageAfter(refused, {}, { ...pageSettings, localFlags });
      return /<section id="problems".*?<\/section>/s.exec(text)?.[0];
    });
    expect(local).toContain('PROSPECTB2B_API_KEY');
    expect(local).not.toContain('secret');
    expect(deployed).toContain('prospect-lake/main/api-key');
    expect(deployed).not.toContain('PROSPECTB2B_API_KEY');
  });

  it('can say that a night is missing, as ops status does, with commands for the folder', () => {
    const missing = /<div id="run-missing" hidden>.*?<\/div>/s.exec(page)?.[0];
    expect(missing).toContain('npx prospect-lake start --out &quot;../two words&quot;</code>');
  });
});
