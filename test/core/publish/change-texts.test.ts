import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { withCustomColumns } from '../../../lambdas/contract/custom-columns.ts';
import type { SchemaChange } from '../../../lambdas/contract/schema-changes.ts';
import { suggestedColumn } from '../../../lambdas/core/publish/suggest-column.ts';
import { columnsToAdd } from '../../../lambdas/core/runs/columns-to-add.ts';
import { changeTexts } from '../../../lambdas/core/runs/change-texts.ts';
import { parseWorkspace } from '../../../lib/config/config.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { summaryOf } from '../../../local/cli/summary.ts';
import { pipe } from '../../../local/cli/terminal.ts';
import { runNotes } from '../../../ops/status/run-notes.ts';
import { night } from '../../support/status-facts.ts';
import { unfitColumn } from '../../support/unfit-column.ts';

function newField(table: string, field: string): SchemaChange {
  const suggestion = suggestedColumn(streamNamed(table), field, { rows: 1, types: { string: 1 }, fits: ['string'] });
  return { table, field, what: 'new', from: [], to: ['string'], share: 1, shape: null, suggestion };
}
const region = newField('leads', 'region');
const all = [region, newField('leads', 'taxId'), newField('campaigns', 'region')];

const unfit = { ...unfitColumn, table: 'leads', column: 'phone', type: 'string' as const };

it('changes are told without the columns that they suggest', () => {
  const { texts, more } = changeTexts(all, 2);
  expect([texts.length, more]).toEqual([2, 1]);
  expect(texts.join()).not.toContain('customColumns');
});

describe('the columns to add', () => {
  const custom = {
    leads: { score: { type: 'integer', personal: false }, tier: { type: 'string', description: 'Tier.' } },
  } as const;
  const streams = ['leads', 'campaigns'].map((name) => withCustomColumns(streamNamed(name), custom));

  it('are one block for new fields and for values that do not fit, with the columns that are configured already', () => {
    const columns = columnsToAdd({ schemaChanges: all, unfitColumns: [unfit] }, streams);
    expect(columns).toEqual({
      leads: {
        ...custom.leads,
        region: { type: 'string', personal: 'quote' },
        tax_id: { type: 'string', field: 'taxId', personal: 'quote' },
        phone_integer: { type: 'integer', field: 'phone', personal: 'phone' },
      },
      campaigns: { region: { type: 'string', personal: 'quote' } },
    });
    const report = { ...night(24), schemaChanges: all, unfitColumns: [unfit] };
    const expected = `customColumns: ${inspect(columns, { depth: null, breakLength: Number.POSITIVE_INFINITY })},`;
    const options = { out: '', terminal: pipe, allTables: false, customColumns: custom };
    const facts = { opsFlags: '', plans: new Map(), customColumns: custom };
    for (const text of [summaryOf(report, options), runNotes({ ...facts, runs: [report] }, pipe).join('\n')]) {
      expect(text.match(/customColumns: .*/g)).toEqual([expected]);
      expect(text).toContain(`\nColumns for prospect-lake.config.ts, for what has none:\n  ${expected}\n`);
    }
  });

  it('are accepted as they are printed, also by a workspace that drops personal data', () => {
    const customColumns = columnsToAdd({ schemaChanges: all, unfitColumns: [unfit] }, [streamNamed('leads')]);
    expect(parseWorkspace({ name: 'main', customColumns, personalData: { drop: ['email'] } })).toMatchObject({
      customColumns,
    });
  });

  it('leave out fields that have a column by now, and columns whose newest values fit or that no run has read since', () => {
    const schemaChanges = [newField('leads', 'score')];
    expect(columnsToAdd({ schemaChanges, unfitColumns: [{ ...unfit, fitsAgain: true }] }, streams)).toBeUndefined();
    expect(columnsToAdd({ schemaChanges, unfitColumns: [{ ...unfit, notReadSince: true }] }, streams)).toBeUndefined();
  });

  it('are none for values that stopped fitting in many tables, because that is one change of the API', () => {
    const unfitColumns = ['exports', 'imports', 'jobs'].map((table) => ({ ...unfitColumn, table }));
    expect(columnsToAdd({ unfitColumns }, [])).toBeUndefined();
    expect(columnsToAdd({ unfitColumns: unfitColumns.slice(1) }, [])).toMatchObject({ imports: {}, jobs: {} });
  });
});
