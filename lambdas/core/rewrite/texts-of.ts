import { gunzipSync } from 'node:zlib';
import { decodeAvro } from '../iceberg/avro.ts';
import { isJson } from '../rows/json-slices.ts';

/** The texts in an object of a current table other than a data file: a manifest, or the state of the merge. */
export function textsOf(key: string, body: Uint8Array): string[] {
  if (key.endsWith('.avro')) return textsIn(decodeAvro(body));
  return textsIn(JSON.parse(new TextDecoder().decode(key.endsWith('.gz') ? gunzipSync(body) : body)));
}

/** All texts in a value, including the bounds in manifests, and the parts of row keys that name its entries. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('[') && isJson(value) ? textsIn(JSON.parse(value)) : [value];
  if (value instanceof Uint8Array) return [new TextDecoder().decode(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [
    ...(Array.isArray(value) ? [] : textsIn(name)),
    ...textsIn(one),
  ]);
}
