import { type CustomColumns, customColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { currentTableOf } from '../../lambdas/contract/stream.ts';
import { createColumnMask, maskNothing } from '../../lambdas/core/rows/mask-columns.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { ChangingVendor } from './changing-vendor.ts';
import { currentRowsOf } from './lake-reader.ts';

/** Custom columns of referrals, one of each kind of type. */
export const columns = customColumns.parse({
  referrals: {
    lead_score: { type: 'integer' },
    tax_id: { type: 'string', field: 'taxId', personal: 'name' },
    signed_at: { type: 'timestamp' },
    labels: { type: 'string_list' },
    renews_on: { type: 'date' },
  },
});

/** A vendor whose rows are converted and published with custom columns that the test changes between nights. */
export function workspace(choice?: { drop: string[]; hash: string[] }) {
  let custom: CustomColumns = {};
  const declared = (name: string) => withCustomColumns(streamNamed(name), custom);
  const vendor = new ChangingVendor(['referrals'], {
    declarationOf: declared,
    mask: choice ? createColumnMask(choice, 'key') : maskNothing,
    settings: { streamNamed: declared },
  });
  const cells = async (names: readonly string[]) =>
    (await currentRowsOf(vendor.pipeline.store, currentTableOf(declared('referrals')))).map((row) =>
      names.map((name) => row[name]),
    );
  return {
    vendor,
    cells,
    use: (next: CustomColumns) => {
      custom = next;
    },
  };
}

/** Names of the columns that the tests look at. */
export const names = ['id', 'lead_score', 'tax_id', 'signed_at', 'labels', 'renews_on', '_extra'];
