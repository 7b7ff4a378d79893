/** Table metadata (format version 2), with the names of the table spec: https://iceberg.apache.org/spec/. */

import { z } from 'zod';

/** Snapshot ids have 63 bits, too many for a double. */
const snapshotId = z.union([z.bigint(), z.number().int()]).transform(BigInt);
const integer = z.number().int();

const fieldType = z.union([
  z.enum(['string', 'timestamptz', 'date', 'long', 'double', 'boolean']),
  z.object({
    type: z.literal('list'),
    'element-id': integer,
    element: z.literal('string'),
    'element-required': z.literal(false),
  }),
]);
export type FieldType = z.infer<typeof fieldType>;

const field = z.object({ id: integer, name: z.string(), required: z.boolean(), type: fieldType, doc: z.string() });
export type Field = Readonly<z.infer<typeof field>>;

const tableSchema = z.object({
  type: z.literal('struct'),
  'schema-id': integer,
  'identifier-field-ids': z.array(integer).readonly(),
  fields: z.array(field).readonly(),
});
export type TableSchema = Readonly<z.infer<typeof tableSchema>>;

const snapshot = z.object({
  'snapshot-id': snapshotId,
  'parent-snapshot-id': snapshotId.optional(),
  'sequence-number': integer,
  'timestamp-ms': integer,
  'manifest-list': z.string(),
  summary: z.record(z.string(), z.string()),
  'schema-id': integer,
});
export type Snapshot = Readonly<z.infer<typeof snapshot>>;

/** Value of `current-snapshot-id` in a table without a snapshot. */
export const noSnapshot = -1n;

export const tableMetadata = z.object({
  'format-version': z.literal(2),
  'table-uuid': z.string(),
  location: z.string(),
  'last-sequence-number': integer,
  'last-updated-ms': integer,
  'last-column-id': integer,
  'current-schema-id': integer,
  schemas: z.array(tableSchema).readonly(),
  'default-spec-id': integer,
  'partition-specs': z.array(z.object({ 'spec-id': integer, fields: z.array(z.never()) })),
  'last-partition-id': integer,
  'default-sort-order-id': integer,
  'sort-orders': z.array(z.object({ 'order-id': integer, fields: z.array(z.never()) })),
  properties: z.record(z.string(), z.string()).readonly(),
  'current-snapshot-id': snapshotId,
  refs: z.record(z.string(), z.object({ 'snapshot-id': snapshotId, type: z.literal('branch') })),
  /** Oldest first. */
  snapshots: z.array(snapshot).readonly(),
  'snapshot-log': z.array(z.object({ 'snapshot-id': snapshotId, 'timestamp-ms': integer })).readonly(),
  /** Earlier versions, oldest first. */
  'metadata-log': z.array(z.object({ 'metadata-file': z.string(), 'timestamp-ms': integer })).readonly(),
});
export type TableMetadata = Readonly<z.infer<typeof tableMetadata>>;

declare global {
  interface JSON {
    /** Text that `JSON.stringify` outputs unchanged. TypeScript 7.0 does not declare it yet. */
    rawJSON(text: string): unknown;
  }
}

export function metadataText(metadata: TableMetadata): string {
  return JSON.stringify(metadata, (_, value: unknown) =>
    typeof value === 'bigint' ? JSON.rawJSON(value.toString()) : value,
  );
}

/**
 * Parses the metadata of a table.
 * @throws SyntaxError or ZodError if the text is not the metadata of a table of this form
 */
export function parseMetadata(text: string): TableMetadata {
  const exact = (_: string, value: unknown, context?: { source?: string }): unknown =>
    Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(context?.source ?? '') : value;
  return tableMetadata.parse(JSON.parse(text, exact));
}

/** The schema that is in force. @throws Error if the metadata names a schema that it does not have */
export function currentSchema(metadata: TableMetadata): TableSchema {
  const found = metadata.schemas.find((schema) => schema['schema-id'] === metadata['current-schema-id']);
  if (!found) throw new Error(`The table has no schema ${metadata['current-schema-id']}`);
  return found;
}

export function currentSnapshot(metadata: TableMetadata): Snapshot | undefined {
  return metadata.snapshots.find((one) => one['snapshot-id'] === metadata['current-snapshot-id']);
}
