import { prefixes } from '../../lambdas/contract/object-keys.ts';
import { readChunk } from '../../lambdas/core/rows/chunk-log.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import type { Damage } from '../lake/damage.ts';

/** How many lines each raw chunk has that is there; undefined where it cannot be unpacked. */
export async function countRawLines(
  isWanted: (stream: string) => boolean,
  store: ObjectStore,
  damage: Damage,
): Promise<Map<string, number | undefined>> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefixes.raw))
    if (key.endsWith('.ndjson.gz') && isWanted(key.split('/')[1] ?? '')) keys.push(key);
  const lines = new Map<string, number | undefined>();
  await inBatches(keys, async (key) => {
    const read = await damage.passOver(() => readChunk(store, key));
    // Its lifecycle rule may have taken one meanwhile.
    if (read || damage.messages.has(key)) lines.set(key, read?.length);
  });
  return lines;
}
