import { expect, it } from 'vitest';
import { verdict, type VerdictFacts } from '../../../ops/status/verdict.ts';
import { calm, night } from '../../support/status-facts.ts';
import { tableReport } from '../../support/table-report.ts';
import { unfitColumn } from '../../support/unfit-column.ts';

const told = (facts: Partial<VerdictFacts>) => verdict({ ...calm, ...facts });

it('says what the exit status says', () => {
  expect(told({ isWell: false })).toBe('Workspace main: on. Something needs you.');
  expect(told({ runs: [] })).toBe('Workspace main: on. No night has ended yet.');
  expect(told({ runs: [night(24, { status: 'failed' })], isWell: false })).toBe(
    'Workspace main: on. The last night failed.',
  );
});

it('says that the last night read every table only if it did', () => {
  const few = 'The last night read every table that was due, and nothing needs you.';
  const allTables = [...calm.allTables, 'imports'];
  expect(told({})).toContain('The last night read every table, and nothing needs you.');
  expect(told({ allTables })).toContain('The last night read every table that is switched on, and nothing needs you.');
  expect(told({ allTables, beingRead: ['imports'] })).toContain(few);
  const notDue = tableReport({ requests: 0, rowsExtracted: 0, rowsWritten: 0 });
  expect(told({ runs: [night(24, { tables: { ...night(24).tables, jobs: notDue } })] })).toContain(few);
});

it('names a failed run in the verdict until a later night has read its tables', () => {
  const error = { code: 'unauthorized', message: 'The API refused the key.', requestId: null };
  const failed = (tables: string[]) =>
    night(23, {
      status: 'failed',
      tables: Object.fromEntries(tables.map((table) => [table, tableReport({ status: 'failed', error })])),
    });
  expect(told({ runs: [night(24), failed(['leads', 'jobs'])] })).toContain(
    'but the failure of nightly-20261123T020000000Z is not solved.',
  );
  expect(told({ runs: [night(24), failed(['leads'])] })).toContain('and nothing needs you.');
});

it('names what needs a person, once, also after a night that is complete', () => {
  const unfitColumns = [unfitColumn, { ...unfitColumn, table: 'imports' }];
  const held = {
    jobs: { runId: 'nightly-20261120T020000000Z', at: '2026-11-20T02:00:00.000Z', message: '', nights: 0 },
  };
  const facts = { isWell: false, held, runs: [night(24, { unfitColumns })] };
  expect(told(facts)).toBe(
    'Workspace main: on. The last night read every table, but this needs you: DeletionsHeld (jobs), ValuesDoNotFit (jobs, imports).',
  );
  const incomplete = { ...facts, runs: [night(24, { ...facts.runs[0], status: 'partial' })], held: {} };
  expect(told(incomplete)).toContain('incomplete. This needs you too: ValuesDoNotFit (jobs, imports).');
  expect(told({ isWell: false, queues: [{ deadLetters: 2 }] })).toContain('but this needs you: DeadLetters.');
});

it('names a rehash that values from before need, although nothing is wrong', () => {
  const rehash = 'and nothing needs you but ops rehash: values from before do not follow personalData.';
  const former = (wantsRehash: boolean) => ({
    formerColumns: [{ column: 'leads.tax_id', isDeclared: false, wantsRehash }],
  });
  expect(told({ runs: [night(24, { unappliedPersonalData: ['email'] })] })).toContain(rehash);
  expect(told({ runs: [night(24, former(true))] })).toContain(rehash);
  expect(told({ runs: [night(24, former(false))] })).toContain('and nothing needs you.');
});
