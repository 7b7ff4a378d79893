/**
 * A manifest list names the manifests of a snapshot. Each snapshot of the pipeline has one manifest, which lists all
 * data files: tables have few.
 */

import { z } from 'zod';
import { type AvroType, decodeAvro, encodeAvro } from './avro.ts';
import { type ManifestContent, syncOf } from './manifest.ts';
import { keyOf, uriOf, type Warehouse } from './warehouse.ts';

const fields = [
  ['manifest_path', 500, 'string'],
  ['manifest_length', 501, 'long'],
  ['partition_spec_id', 502, 'int'],
  ['content', 517, 'int'],
  ['sequence_number', 515, 'long'],
  ['min_sequence_number', 516, 'long'],
  ['added_snapshot_id', 503, 'long'],
  ['added_files_count', 504, 'int'],
  ['existing_files_count', 505, 'int'],
  ['deleted_files_count', 506, 'int'],
  ['added_rows_count', 512, 'long'],
  ['existing_rows_count', 513, 'long'],
  ['deleted_rows_count', 514, 'long'],
] as const;

const listSchema: AvroType = {
  type: 'record',
  name: 'manifest_file',
  fields: fields.map(([name, id, type]) => ({ name, type, 'field-id': id })),
};

const count = z.bigint().transform(Number);
const listEntry = z.object({ manifest_path: z.string(), sequence_number: count });

export function encodeManifestList(
  warehouse: Warehouse,
  sequence: number,
  parent: bigint | undefined,
  { snapshotId, added, kept, deleted }: ManifestContent,
  manifest: { readonly key: string; readonly bytes: number },
): Uint8Array {
  const rowsOf = (files: readonly { readonly rows: number }[]) => files.reduce((sum, { rows }) => sum + rows, 0);
  const entries = [
    {
      manifest_path: uriOf(warehouse, manifest.key),
      manifest_length: manifest.bytes,
      partition_spec_id: 0,
      content: 0,
      sequence_number: sequence,
      min_sequence_number: Math.min(sequence, ...kept.map((file) => file.sequence)),
      added_snapshot_id: snapshotId,
      added_files_count: added.length,
      existing_files_count: kept.length,
      deleted_files_count: deleted.length,
      added_rows_count: rowsOf(added),
      existing_rows_count: rowsOf(kept),
      deleted_rows_count: rowsOf(deleted),
    },
  ];
  const metadata = {
    'snapshot-id': String(snapshotId),
    'parent-snapshot-id': String(parent ?? 'null'),
    'sequence-number': String(sequence),
    'format-version': '2',
  };
  return encodeAvro(listSchema, entries, metadata, syncOf(snapshotId));
}

/**
 * Keys and sequence numbers of the manifests in a list. @throws Error if the bytes are not from {@link
 * encodeManifestList}
 */
export function decodeManifestList(
  warehouse: Warehouse,
  bytes: Uint8Array,
): { readonly key: string; readonly sequence: number }[] {
  return z
    .array(listEntry)
    .parse(decodeAvro(bytes))
    .map(({ manifest_path, sequence_number }) => ({ key: keyOf(warehouse, manifest_path), sequence: sequence_number }));
}
