import { compactedDate, fileOfRun } from '../../lambdas/contract/object-keys.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { ownTables, streams } from '../../lambdas/streams/registry.ts';
import { Damage } from '../lake/damage.ts';
import { canBeRead } from '../lake/parquet-check.ts';
import { readListed } from '../lake/read-listed.ts';

/** What lies below the prefixes of the tables, all of which a query reads. */

const tables = new Set([...streams, ...ownTables].map(({ name }) => name));

/** The table whose queries read this object; undefined where none does. */
export function tableOfKey(key: string): string | undefined {
  const [, table = '', ...rest] = key.split('/');
  const name = rest.at(-1) ?? '';
  // Athena passes over names that begin so, and the console makes empty objects for its folders.
  const isHidden = /^[._]/.test(name) && !name.endsWith('.parquet');
  return tables.has(table) && name !== '' && !isHidden ? table : undefined;
}

/** Whether the pipeline gives no file of a table such a name. */
export function isForeign(key: string): boolean {
  return fileOfRun(key) === undefined && compactedDate(key) === undefined;
}

/** Those of the files that are there, and cannot be read whole. */
export async function findUnreadable(keys: readonly string[], store: ObjectStore): Promise<Set<string>> {
  const read = await inBatches(keys, async (key) => ({ key, body: await readWhole(key, store) }));
  return new Set(read.filter(({ body }) => body === undefined).map(({ key }) => key));
}

/** Undefined where the file cannot be read, every column of it. */
export async function readWhole(key: string, store: ObjectStore): Promise<Uint8Array | undefined> {
  const object = await new Damage().passOver(() => readListed(key, store));
  return object && (await canBeRead(object.body)) ? object.body : undefined;
}
