import type { Stream } from '../../lambdas/contract/stream.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { readForgotten } from '../../lambdas/core/rows/forgotten.ts';

/**
 * When a row or its parent was forgotten; undefined if neither was.
 * @param id the row's whole key, or the last value of the key
 */
export async function whenForgotten(
  store: ObjectStore,
  { name, parent }: Stream,
  id: string,
): Promise<string | undefined> {
  const forgotten = await readForgotten(store);
  const [above = ''] = id.split('/');
  const subjects = [id, id.split('/').at(-1) ?? ''].map((one) => ({ stream: name, id: one }));
  const all = [...subjects, ...(parent ? [{ stream: parent.stream, id: above }] : [])];
  return all.map((subject) => forgotten.when(subject)).find((at) => at !== undefined);
}
