import { currentTableOf, type Stream } from '../../lambdas/contract/stream.ts';
import { prefixes } from '../../lambdas/contract/object-keys.ts';
import { readCurrent } from '../../lambdas/core/current/read-current.ts';
import { readForgotten } from '../../lambdas/core/rows/forgotten.ts';
import { isAddressable } from '../../lambdas/core/rows/row-ids.ts';
import { readApi } from '../audit/read-api.ts';
import type { Target } from '../target.ts';
import { Damage } from './damage.ts';
import { readRows } from './read-rows.ts';
import { readRunRecord } from './run-record.ts';

const mostAsked = 20;

export interface HeldAnswers {
  /** All rows that the run missed and that the table still has. */
  readonly held: number;
  /** Of the rows that were asked for, how many the API gives by id, and how many it no longer knows. */
  readonly stillGiven: number;
  readonly gone: number;
}

/**
 * Asks the API by id for some of the rows that a run missed. A row that the run was given, if there is one, is asked for
 * as well: if the API gives none of all these, its answers prove nothing.
 * @returns undefined if that shows nothing: the API has no path by id, or the record of the run has expired
 */
export async function askHeld(
  stream: Stream,
  runId: string,
  { store, warehouse, api }: Pick<Target, 'store' | 'warehouse' | 'api'>,
): Promise<HeldAnswers | undefined> {
  if (!stream.byId) return undefined;
  const { converted, isWhole } = await readRunRecord(runId, store, new Damage());
  if (!isWhole) return undefined;
  const files = converted.flatMap((receipt) => receipt.files.map(({ key }) => key));
  const given = new Set<unknown>();
  for (const key of files.filter((file) => file.startsWith(`${prefixes.lake}${stream.name}/`)))
    for (const id of await readRows(key, ['id'], (row) => row['id'], store)) given.add(id);
  const held: string[] = [];
  for await (const { id = [] } of readCurrent(currentTableOf(stream), ['id'], { store, warehouse }))
    held.push(...id.filter((one) => isAddressable(one)).filter((one) => !given.has(one)));
  const control = [...given].find((id) => isAddressable(id));
  if (held.length === 0) return undefined;
  const step = Math.ceil(held.length / mostAsked);
  const asked = held.filter((_, at) => at % step === 0);
  const ports = { api: api(), forgotten: await readForgotten(store), columns: [], onPage() {} };
  const { read, missing, error } = await readApi(
    stream,
    { kind: 'ids', ids: [...(control === undefined ? [] : [control]), ...asked] },
    ports,
  );
  if (error !== null || (control === undefined ? read.size === 0 : !read.has(control))) return undefined;
  return {
    held: held.length,
    stillGiven: asked.filter((id) => read.has(id)).length,
    gone: asked.filter((id) => missing.has(id)).length,
  };
}
