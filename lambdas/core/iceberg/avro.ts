/**
 * Reads and writes Avro files with custom metadata in the header. Manifests need such metadata, and no maintained
 * library writes it (ADR 7). Supports only the types in the schemas of Iceberg's manifests and manifest lists.
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteWriter } from 'hyparquet-writer';
import { z } from 'zod';

export type AvroType =
  | 'boolean'
  | 'int'
  | 'long'
  | 'string'
  | 'bytes'
  | readonly ['null', AvroType]
  | { readonly type: 'array'; readonly items: AvroType }
  | { readonly type: 'record'; readonly name: string; readonly fields: readonly AvroField[] };

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
}

const avroType: z.ZodType<AvroType> = z.lazy(() =>
  z.union([
    z.enum(['boolean', 'int', 'long', 'string', 'bytes']),
    z.tuple([z.literal('null'), avroType]),
    z.object({ type: z.literal('array'), items: avroType }),
    z.object({
      type: z.literal('record'),
      name: z.string(),
      fields: z.array(z.object({ name: z.string(), type: avroType })),
    }),
  ]),
);

const magic = [0x4f, 0x62, 0x6a, 1];
const syncLength = 16;
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

/**
 * Encodes records as an Avro file.
 * @param sync 16 bytes that end each block; they should be unlikely to occur in the data
 */
export function encodeAvro(
  schema: AvroType,
  records: readonly unknown[],
  metadata: Readonly<Record<string, string>>,
  sync: Uint8Array,
): Uint8Array {
  const file = new ByteWriter();
  file.appendBytes(Uint8Array.from(magic));
  const entries = Object.entries({ ...metadata, 'avro.schema': JSON.stringify(schema), 'avro.codec': 'deflate' });
  file.appendZigZag(BigInt(entries.length));
  for (const [key, value] of entries) {
    encode(file, 'string', key);
    encode(file, 'string', value);
  }
  file.appendZigZag(0n);
  file.appendBytes(sync);
  if (records.length > 0) {
    const block = new ByteWriter();
    for (const record of records) encode(block, schema, record);
    file.appendZigZag(BigInt(records.length));
    encode(file, 'bytes', deflateRawSync(block.getBytes()));
    file.appendBytes(sync);
  }
  return file.getBytes();
}

function encode(to: ByteWriter, type: AvroType, value: unknown): void {
  if (type === 'boolean') return to.appendUint8(value === true ? 1 : 0);
  if (type === 'int' || type === 'long') {
    if (typeof value !== 'number' && typeof value !== 'bigint') throw new TypeError(`Not a number: ${typeof value}`);
    return to.appendZigZag(BigInt(value));
  }
  if (type === 'string' || type === 'bytes') {
    const bytes = typeof value === 'string' ? utf8.encode(value) : value;
    if (!(bytes instanceof Uint8Array)) throw new TypeError(`Not bytes: ${typeof value}`);
    to.appendZigZag(BigInt(bytes.length));
    return to.appendBytes(bytes);
  }
  if (isOptional(type)) {
    to.appendZigZag(value === null || value === undefined ? 0n : 1n);
    return value === null || value === undefined ? undefined : encode(to, type[1], value);
  }
  if (type.type === 'array') {
    if (!Array.isArray(value)) throw new TypeError(`Not an array: ${typeof value}`);
    if (value.length > 0) to.appendZigZag(BigInt(value.length));
    for (const item of value) encode(to, type.items, item);
    return to.appendZigZag(0n);
  }
  if (typeof value !== 'object' || value === null) throw new TypeError(`Not a record: ${typeof value}`);
  const values = new Map<string, unknown>(Object.entries(value));
  for (const field of type.fields) encode(to, field.type, values.get(field.name));
}

/** True for a union with null. `Array.isArray` alone does not narrow a readonly tuple. */
function isOptional(type: AvroType): type is readonly ['null', AvroType] {
  return Array.isArray(type);
}

/**
 * Decodes the records of a file by the schema in its header: `long` as bigint, `int` as number.
 * @throws Error if the file is not an Avro file, or has types or a codec that this pipeline does not write
 */
export function decodeAvro(bytes: Uint8Array): unknown[] {
  const from = new Reader(bytes);
  if (magic.some((byte) => from.byte() !== byte)) throw new Error('Not an Avro file');
  const metadata = new Map<string, Uint8Array>();
  for (let count = from.count(); count > 0; count = from.count())
    for (let entry = 0; entry < count; entry += 1) metadata.set(text.decode(from.bytes()), from.bytes());
  const schema = avroType.parse(JSON.parse(text.decode(metadata.get('avro.schema'))));
  const codec = text.decode(metadata.get('avro.codec'));
  if (codec !== 'deflate') throw new Error(`Avro codec ${codec} is not one that the pipeline writes`);
  const sync = from.take(syncLength);
  const records: unknown[] = [];
  while (!from.isAtEnd()) {
    const count = from.count();
    const block = new Reader(inflateRawSync(from.bytes()));
    for (let record = 0; record < count; record += 1) records.push(decode(block, schema));
    if (Buffer.compare(from.take(syncLength), sync) !== 0) throw new Error('A block of an Avro file has no end mark');
  }
  return records;
}

function decode(from: Reader, type: AvroType): unknown {
  if (type === 'boolean') return from.byte() === 1;
  if (type === 'int') return Number(from.long());
  if (type === 'long') return from.long();
  if (type === 'bytes') return from.bytes();
  if (type === 'string') return text.decode(from.bytes());
  if (isOptional(type)) return from.long() === 0n ? null : decode(from, type[1]);
  if (type.type === 'array') {
    const items: unknown[] = [];
    for (let count = from.count(); count > 0; count = from.count())
      for (let item = 0; item < count; item += 1) items.push(decode(from, type.items));
    return items;
  }
  return Object.fromEntries(type.fields.map((field) => [field.name, decode(from, field.type)]));
}

class Reader {
  readonly #data: Uint8Array;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#data.length;
  }

  byte(): number {
    const byte = this.#data[this.#at];
    if (byte === undefined) throw new Error('An Avro file is cut off');
    this.#at += 1;
    return byte;
  }

  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#data.length) throw new Error('An Avro file is cut off');
    // Copy the bytes: `slice` of a Buffer would share its memory.
    const taken = new Uint8Array(this.#data.subarray(this.#at, end));
    this.#at = end;
    return taken;
  }

  long(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
    }
  }

  /**
   * Number of items in a block. Avro also has negative counts, followed by a size in bytes: `encodeAvro` writes none.
   */
  count(): number {
    return Number(this.long());
  }

  bytes(): Uint8Array {
    return this.take(Number(this.long()));
  }
}
