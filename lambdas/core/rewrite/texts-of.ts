import { decodeAvro } from '../iceberg/avro.ts';
import { isJson } from '../rows/json-slices.ts';
import { jsonOf } from '../store/stored-json.ts';
import { decodeObject } from '../store/stored-object.ts';

/** The texts in a manifest of a current table, or in the state of its merge. Not for data files. @throws DamagedObjectError */
export function textsOf(key: string, body: Uint8Array): string[] {
  if (!key.endsWith('.avro')) return textsIn(jsonOf(key, body));
  return textsIn(decodeObject(key, 'does not have the form that the pipeline writes', () => decodeAvro(body)));
}

/**
 * All texts in a value, including the names of its members. Bytes are a bound in a manifest. A string that is a JSON
 * list is a row key, and gives the texts in the list.
 */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('[') && isJson(value) ? textsIn(JSON.parse(value)) : [value];
  if (value instanceof Uint8Array) return [new TextDecoder().decode(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [
    ...(Array.isArray(value) ? [] : textsIn(name)),
    ...textsIn(one),
  ]);
}
