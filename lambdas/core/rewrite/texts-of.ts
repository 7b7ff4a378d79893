import { gunzipSync } from 'node:zlib';
import { decodeAvro } from '../iceberg/avro.ts';
import { isJson } from '../rows/json-slices.ts';

/** The texts in an object of a current table that is no data file: a manifest, or what the merge remembers. */
export function textsOf(key: string, body: Uint8Array): string[] {
  if (key.endsWith('.avro')) return textsIn(decodeAvro(body));
  return textsIn(JSON.parse(new TextDecoder().decode(key.endsWith('.gz') ? gunzipSync(body) : body)));
}

/** Every text of a value, bounds in manifests among them, and each part of a key that names an entry. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('[') && isJson(value) ? textsIn(JSON.parse(value)) : [value];
  if (value instanceof Uint8Array) return [new TextDecoder().decode(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [
    ...(Array.isArray(value) ? [] : textsIn(name)),
    ...textsIn(one),
  ]);
}
