import { expect, it } from 'vitest';
import { type CustomColumns, withCustomColumns } from '../../../lambdas/contract/custom-columns.ts';
import { pipelineStateKey } from '../../../lambdas/contract/object-keys.ts';
import type { PersonalChoice } from '../../../lambdas/contract/personal-data.ts';
import { pipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import { emptyState } from '../../../lambdas/core/runs/pipeline-state.ts';
import { notesOf } from '../../../lambdas/core/runs/report-problems.ts';
import { columnsWrittenBy } from '../../../lambdas/core/runs/written-columns.ts';
import { updateJson } from '../../../lambdas/core/store/stored-json.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { currentReport } from '../../../ops/status/current-report.ts';
import { ChangingVendor, lead } from '../../support/changing-vendor.ts';

type Columns = CustomColumns[string];

const none: PersonalChoice = { drop: [], hash: [] };
const names: PersonalChoice = { drop: [], hash: ['name'] };
const named = (name: string, personal: 'name' | 'body' | false = 'name'): Columns => ({
  [name]: { type: 'string', field: 'taxId', personal },
});
const kept = 'No longer in customColumns: referrals.tax_id. Versions from before keep the values.';
const wantsRehash =
  'No longer in customColumns: referrals.tax_id. Rows and versions from before keep the values, whatever personalData says by now. To empty these columns there: npx prospect-lake ops rehash';
const changed =
  'personal has changed in customColumns: referrals.tax_id. Rows and versions from before do not follow it. To drop or hash the values there too: npx prospect-lake ops rehash';

/** A workspace whose custom columns and `personalData` a test changes between nights. */
function workspace() {
  let [custom, choice]: [Columns, PersonalChoice] = [{}, none];
  const declared = (name: string) => withCustomColumns(streamNamed(name), { referrals: custom });
  const vendor = new ChangingVendor(['referrals'], {
    declarationOf: declared,
    settings: {
      streamNamed: declared,
      get personalData() {
        return choice;
      },
    },
  });
  vendor.referrals = [lead('a', { taxId: 'DE1' })];
  const night = (columns: Columns, next: PersonalChoice) => {
    [custom, choice] = [columns, next];
    return vendor.night();
  };
  return {
    night,
    notes: async (columns: Columns, next: PersonalChoice) =>
      notesOf(await night(columns, next), []).filter((text) => text.includes('customColumns:')),
    state: async () => pipelineState.parse(vendor.pipeline.store.json(pipelineStateKey)),
    /** What `ops rehash` does to the state when it has rewritten everything. */
    rehash: () =>
      updateJson(vendor.pipeline.store, pipelineStateKey, pipelineState, emptyState, (state) => ({
        ...state,
        personalData: choice,
        writtenColumns: columnsWrittenBy([declared('referrals')]),
      })),
  };
}

it('a column that is renamed or removed is told in the first night without it', async () => {
  const { notes } = workspace();
  expect(await notes(named('tax_id'), none)).toEqual([]);
  expect(await notes(named('vat_id'), none)).toEqual([kept]);
  expect(await notes(named('vat_id'), none)).toEqual([]);
});

it('with personalData it is told each night until a rehash has emptied it, or the configuration has it again', async () => {
  const { notes, rehash } = workspace();
  await notes(named('tax_id'), none);
  expect(await notes(named('vat_id'), names)).toEqual([wantsRehash]);
  expect(await notes(named('vat_id'), names)).toEqual([wantsRehash]);
  expect(await notes({ ...named('vat_id'), ...named('tax_id') }, names)).toEqual([]);
  expect(await notes(named('vat_id'), names)).toEqual([wantsRehash]);
  await rehash();
  expect(await notes(named('vat_id'), names)).toEqual([]);
});

it('a column that says another kind is told if personalData treats the new kind in another way', async () => {
  const { notes, rehash } = workspace();
  await notes(named('tax_id', false), names);
  expect(await notes(named('tax_id', 'body'), names)).toEqual([]);
  expect(await notes(named('tax_id'), names)).toEqual([changed]);
  expect(await notes(named('tax_id', false), names)).toEqual([]);
  expect(await notes(named('tax_id'), names)).toEqual([changed]);
  await rehash();
  expect(await notes(named('tax_id'), names)).toEqual([]);
});

it('status no longer tells it after a rehash', async () => {
  const { night, rehash, state } = workspace();
  await night({ ...named('tax_id'), ...named('other', false) }, none);
  const report = await night(named('other'), names);
  expect(report.formerColumns?.map(({ column }) => column)).toEqual(['referrals.tax_id', 'referrals.other']);
  expect(currentReport(report, [], await state()).formerColumns).toEqual(report.formerColumns);
  expect(currentReport(report, [], await rehash())).not.toHaveProperty('formerColumns');
});
