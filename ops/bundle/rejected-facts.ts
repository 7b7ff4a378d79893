/** Counts why rows were rejected. The rows themselves are left out. */

import { z } from 'zod';
import { prefixes } from '../../lambdas/contract/object-keys.ts';
import { rejectedRows } from '../../lambdas/contract/pipeline-tables.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import type { Damage } from '../lake/damage.ts';
import { readRows } from '../lake/read-rows.ts';

const mostFiles = 1_000;
const row = z.object({ table_name: z.string(), reason: z.string(), _run_id: z.string() });
/**
 * Reasons written by core/rows/rows.ts: they name only a column or a kind of value. Any other text may contain personal
 * data.
 */
const knownReason =
  /^The (row is (a|an|null)?[ a-z]*, not an object|key column [a-z0-9_]+ (is|is longer)[ a-z0-9,]+)\.$/;

export async function rejectedFacts(store: ObjectStore, damage: Damage) {
  const keys: string[] = [];
  for await (const { key } of store.list(`${prefixes.lake}${rejectedRows.name}/`)) keys.push(key);
  const newest = keys.slice(-mostFiles);
  const counts = new Map<string, { table: string; runId: string; reason: string; rows: number }>();
  await inBatches(newest, async (key) => {
    const parse = (each: unknown) => row.parse(each);
    const rows = await damage.skipIfDamaged(() => readRows(key, Object.keys(row.shape), parse, store));
    for (const { table_name: table, reason: words, _run_id: runId } of rows ?? []) {
      const reason = knownReason.test(words) ? words : 'another reason';
      const name = JSON.stringify([table, runId, reason]);
      const count = counts.get(name) ?? { table, runId, reason, rows: 0 };
      count.rows += 1;
      counts.set(name, count);
    }
  });
  return { files: keys.length, read: newest.length, reasons: [...counts.values()] };
}
