import { rowsOf } from './lake-reader.ts';
import { type ChangingVendor, lead, type Row } from './changing-vendor.ts';

/** The rows of `schema_changes` as text: the index of the night, and what changed. */
export async function told(vendor: ChangingVendor): Promise<string[]> {
  const nights = [
    ...new Set(vendor.pipeline.reports.flatMap(({ runId, kind }) => (kind === 'nightly' ? [runId] : []))),
  ];
  const changes = await rowsOf(vendor.pipeline.store, 'schema_changes');
  return changes
    .map(
      (row) =>
        `${nights.indexOf(String(row['run_id']))} ${String(row['table_name'])}.${String(row['field'])} ${String(row['what'])}`,
    )
    .toSorted();
}

/** The changes that were announced, as text. */
export const announced = (vendor: ChangingVendor) =>
  vendor.pipeline.announced.flatMap(({ event, detail }) =>
    event === 'schemaChanged' ? (detail['changes'] as { text: string }[]).map(({ text }) => text) : [],
  );

/** Rows of leads, with further fields. */
export const rows = (count: number, more: (index: number) => object, prefix = 'r') =>
  Array.from({ length: count }, (_, index): Row => lead(`${prefix}${index}`, more(index)));
