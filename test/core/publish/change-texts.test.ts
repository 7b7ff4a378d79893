import { describe, expect, it } from 'vitest';
import type { SchemaChange } from '../../../lambdas/contract/schema-changes.ts';
import { suggestedColumn } from '../../../lambdas/core/publish/suggest-column.ts';
import { changeTexts } from '../../../lambdas/core/runs/change-texts.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';

function newField(table: string, field: string): SchemaChange {
  const suggestion = suggestedColumn(streamNamed(table), field, { rows: 1, types: { string: 1 }, fits: ['string'] });
  return { table, field, what: 'new', from: [], to: ['string'], share: 1, shape: null, suggestion };
}
const region = newField('leads', 'region');
const all = [region, newField('leads', 'taxId'), newField('campaigns', 'region')];

describe('the suggestions of a run', () => {
  it('are one block for all new fields, because a second customColumns would replace the first', () => {
    const { texts, advice } = changeTexts(all);
    expect(texts).toHaveLength(3);
    expect(texts.join()).not.toContain('customColumns');
    expect(advice).toBe(
      "To give these fields columns, in prospect-lake.config.ts, with personal: 'name' (or another kind) or personal: false in each: customColumns: { leads: { region: { type: 'string' }, tax_id: { type: 'string', field: 'taxId' } }, campaigns: { region: { type: 'string' } } }",
    );
  });

  it('name every field, also those whose lines are not shown', () => {
    const { texts, advice } = changeTexts(all, 1);
    expect(texts).toHaveLength(1);
    expect(advice).toContain('campaigns: {');
  });

  it('stand in the line of the field if there is only one', () => {
    const { texts, advice } = changeTexts([region, { ...region, field: 'old', what: 'gone', suggestion: null }]);
    expect(texts[0]).toContain("customColumns: { leads: { region: { type: 'string' } } }");
    expect(advice).toBeNull();
  });
});
