/**
 * Searches every byte of a store for texts: in objects as they are and unpacked, in every value and footer of Parquet
 * files, and in every record of Avro files. In all of these, it also decodes the escapes of JSON and URLs, and base64.
 */

import { gunzipSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { decodeAvro } from '../../lambdas/core/iceberg/avro.ts';
import type { MemoryStore } from './memory-store.ts';

export async function objectsHolding(store: MemoryStore, texts: readonly string[]): Promise<string[]> {
  const holding: string[] = [];
  for (const [key, { body, metadata }] of store.objects) {
    const readings = [Buffer.from(body), Buffer.from(key), Buffer.from(JSON.stringify(metadata))];
    if (key.endsWith('.gz')) readings.push(gunzipSync(body));
    if (key.endsWith('.parquet')) readings.push(Buffer.from(await parquetText(body)));
    if (key.endsWith('.avro')) readings.push(Buffer.from(JSON.stringify(decodeAvro(body), asText)));
    if (readings.some((bytes) => isHeld(bytes, texts))) holding.push(key);
  }
  return holding.toSorted();
}

/** True if one of the texts stands in these bytes, plain or encoded. */
export function isHeld(bytes: Buffer, texts: readonly string[]): boolean {
  const spelled = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  return [bytes, ...decodings(bytes)].some((one) => spelled.some((text) => one.includes(text)));
}

function decodings(bytes: Buffer): Buffer[] {
  const text = bytes.toString();
  const units = text.replaceAll(/\\u([0-9a-f]{4})/gi, (_, unit: string) =>
    String.fromCharCode(Number.parseInt(unit, 16)),
  );
  const url = bytes
    .toString('latin1')
    .replaceAll(/%([0-9a-f]{2})/gi, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16)));
  const packed = (text.match(/[\w+/-]{8,}/g) ?? []).map((run) => Buffer.from(run, 'base64'));
  const latin1 = packed.map((run) => run.toString('latin1')).join('\n');
  return [Buffer.from(units), Buffer.from(url, 'latin1'), Buffer.concat(packed), Buffer.from(latin1)];
}

/** Every value and all metadata, with its statistics, as text. */
async function parquetText(body: Uint8Array): Promise<string> {
  const file = body.slice().buffer;
  const rows = await parquetReadObjects({ file, compressors });
  return `${JSON.stringify(rows, asText)}${JSON.stringify(parquetMetadata(file), asText)}`;
}

function asText(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
}
