/** A manifest lists a snapshot's data files and describes what their columns hold. */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ColumnStats } from './bounds.ts';
import { type AvroField, type AvroType, decodeAvro, encodeAvro } from './avro.ts';
import type { WrittenFile } from './data-file.ts';
import type { TableSchema } from './metadata.ts';
import { keyOf, uriOf, type Warehouse } from './warehouse.ts';

/** A data file that a snapshot names. */
export interface DataFile extends Omit<WrittenFile, 'schema'> {
  /** The snapshot that added the file. */
  readonly snapshotId: bigint;
  readonly sequence: number;
}

const statuses = { existing: 0, added: 1, deleted: 2 } as const;

type NumberedField = AvroField & { readonly 'field-id': number };
const required = (id: number, name: string, type: AvroType): NumberedField => ({ name, type, 'field-id': id });
const optional = (id: number, name: string, type: AvroType): NumberedField & { default: null } => ({
  ...required(id, name, ['null', type]),
  default: null,
});

/** A map by field id, in the form that Iceberg uses in Avro. */
function mapByField(id: number, name: string, keyId: number, valueId: number, value: AvroType): NumberedField {
  const items: AvroType = {
    type: 'record',
    name: `k${keyId}_v${valueId}`,
    fields: [required(keyId, 'key', 'int'), required(valueId, 'value', value)],
  };
  const map: AvroType & { logicalType: 'map' } = { type: 'array', logicalType: 'map', items };
  return optional(id, name, map);
}

const offsets: AvroType & { 'element-id': number } = { type: 'array', items: 'long', 'element-id': 133 };

const entrySchema: AvroType = {
  type: 'record',
  name: 'manifest_entry',
  fields: [
    required(0, 'status', 'int'),
    optional(1, 'snapshot_id', 'long'),
    optional(3, 'sequence_number', 'long'),
    optional(4, 'file_sequence_number', 'long'),
    required(2, 'data_file', {
      type: 'record',
      name: 'r2',
      fields: [
        required(134, 'content', 'int'),
        required(100, 'file_path', 'string'),
        required(101, 'file_format', 'string'),
        required(102, 'partition', { type: 'record', name: 'r102', fields: [] }),
        required(103, 'record_count', 'long'),
        required(104, 'file_size_in_bytes', 'long'),
        mapByField(108, 'column_sizes', 117, 118, 'long'),
        mapByField(109, 'value_counts', 119, 120, 'long'),
        mapByField(110, 'null_value_counts', 121, 122, 'long'),
        mapByField(125, 'lower_bounds', 126, 127, 'bytes'),
        mapByField(128, 'upper_bounds', 129, 130, 'bytes'),
        optional(132, 'split_offsets', offsets),
        optional(140, 'sort_order_id', 'int'),
      ],
    }),
  ],
};

const count = z.bigint().transform(Number);
const counts = z.array(z.object({ key: z.number(), value: count }));
const bounds = z.array(
  z.object({ key: z.number(), value: z.custom<Uint8Array>((value) => value instanceof Uint8Array) }),
);

const entry = z.object({
  status: z.number(),
  snapshot_id: z.bigint(),
  /**
   * Number of the snapshot that added the file. Null in the manifest of that snapshot: the number of the manifest
   * itself applies.
   */
  sequence_number: count.nullable(),
  data_file: z.object({
    file_path: z.string(),
    record_count: count,
    file_size_in_bytes: count,
    column_sizes: counts,
    value_counts: counts,
    null_value_counts: counts,
    lower_bounds: bounds,
    upper_bounds: bounds,
    split_offsets: z.array(count),
  }),
});

export interface ManifestContent {
  readonly snapshotId: bigint;
  readonly added: readonly WrittenFile[];
  /** Files of earlier snapshots that this one keeps. */
  readonly kept: readonly DataFile[];
  /** Files that this snapshot no longer has. */
  readonly deleted: readonly DataFile[];
}

export function encodeManifest(
  warehouse: Warehouse,
  schema: TableSchema,
  { snapshotId, added, kept, deleted }: ManifestContent,
): Uint8Array {
  const entries = [
    ...added.map((file) => entryOf(warehouse, 'added', snapshotId, null, file)),
    ...kept.map((file) => entryOf(warehouse, 'existing', file.snapshotId, file.sequence, file)),
    // Removed files have no statistics: no reader needs them, and a bound may be the id of a person who was erased.
    ...deleted.map((file) => entryOf(warehouse, 'deleted', snapshotId, file.sequence, { ...file, stats: new Map() })),
  ];
  const metadata = {
    schema: JSON.stringify(schema),
    'schema-id': String(schema['schema-id']),
    'partition-spec': '[]',
    'partition-spec-id': '0',
    'format-version': '2',
    content: 'data',
  };
  return encodeAvro(entrySchema, entries, metadata, syncOf(snapshotId));
}

function entryOf(
  warehouse: Warehouse,
  status: keyof typeof statuses,
  snapshotId: bigint,
  sequence: number | null,
  file: Omit<WrittenFile, 'schema'>,
): z.input<typeof entry> & { file_sequence_number: number | null } {
  const mapOf = <V>(valueOf: (stats: ColumnStats) => V | undefined) =>
    [...file.stats].flatMap(([key, stats]) => {
      const value = valueOf(stats);
      return value === undefined ? [] : [{ key, value }];
    });
  const known = { content: 0, file_format: 'PARQUET', partition: {}, sort_order_id: 0 };
  return {
    status: statuses[status],
    snapshot_id: snapshotId,
    sequence_number: sequence === null ? null : BigInt(sequence),
    file_sequence_number: sequence,
    data_file: {
      ...known,
      file_path: uriOf(warehouse, file.key),
      record_count: BigInt(file.rows),
      file_size_in_bytes: BigInt(file.bytes),
      column_sizes: [...file.columnSizes].map(([key, size]) => ({ key, value: BigInt(size) })),
      value_counts: mapOf(({ values }) => BigInt(values)),
      null_value_counts: mapOf(({ nulls }) => BigInt(nulls)),
      lower_bounds: mapOf(({ lower }) => lower),
      upper_bounds: mapOf(({ upper }) => upper),
      split_offsets: file.splitOffsets.map(BigInt),
    },
  };
}

/**
 * The data files that the snapshot of this manifest has; deleted entries are left out.
 * @throws Error if the bytes are not from {@link encodeManifest}
 */
export function decodeManifest(warehouse: Warehouse, bytes: Uint8Array, manifestSequence: number): DataFile[] {
  return z
    .array(entry)
    .parse(decodeAvro(bytes))
    .filter(({ status }) => status !== statuses.deleted)
    .map(({ snapshot_id, sequence_number, data_file: file }) => {
      const nulls = mapFrom(file.null_value_counts);
      const lower = mapFrom(file.lower_bounds);
      const upper = mapFrom(file.upper_bounds);
      return {
        key: keyOf(warehouse, file.file_path),
        rows: file.record_count,
        bytes: file.file_size_in_bytes,
        columnSizes: mapFrom(file.column_sizes),
        splitOffsets: file.split_offsets,
        stats: new Map(
          file.value_counts.map(({ key, value }) => [
            key,
            statsOf(value, nulls.get(key), lower.get(key), upper.get(key)),
          ]),
        ),
        snapshotId: snapshot_id,
        sequence: sequence_number ?? manifestSequence,
      };
    });
}

function mapFrom<V>(pairs: readonly { readonly key: number; readonly value: V }[]): Map<number, V> {
  return new Map(pairs.map(({ key, value }) => [key, value]));
}

function statsOf(values: number, nulls = 0, lower?: Uint8Array, upper?: Uint8Array): ColumnStats {
  return { values, nulls, ...(lower ? { lower } : {}), ...(upper ? { upper } : {}) };
}

/** Avro's sync marker. Derived from the snapshot's id, so that the same snapshot gives the same bytes. */
export function syncOf(snapshotId: bigint): Uint8Array {
  return createHash('sha256').update(String(snapshotId)).digest().subarray(0, 16);
}
