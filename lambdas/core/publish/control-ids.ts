import { maxControls } from '../../contract/run.ts';
import { currentTableOf, type Stream } from '../../contract/stream.ts';
import type { SuspectRow } from '../current/merge-input.ts';
import { readCurrent } from '../current/read-current.ts';
import { isAddressable } from '../rows/row-ids.ts';
import type { TablePorts } from './read-parents.ts';

/**
 * Ids of existing rows, to be requested together with ids that may be deleted: if none of them is found either, the API
 * does not answer by id, and its 404 says nothing about the others. Takes the rows that were found last.
 * @param suspects rows that may be deleted
 */
export async function controlIds(
  stream: Stream,
  suspects: readonly SuspectRow[],
  ports: TablePorts,
): Promise<string[]> {
  const doubted = new Set(suspects.map(({ id }) => id));
  let chosen: { id: string; readAt: number }[] = [];
  for await (const rows of readCurrent(currentTableOf(stream), ['id', '_extracted_at'], ports)) {
    for (const [index, id] of (rows['id'] ?? []).entries()) {
      const at = rows['_extracted_at']?.[index];
      if (!isAddressable(id) || doubted.has(id) || !(at instanceof Date)) continue;
      chosen.push({ id, readAt: at.getTime() });
      if (chosen.length > 1_000) chosen = newest(chosen);
    }
  }
  return newest(chosen).map(({ id }) => id);
}

function newest(rows: readonly { id: string; readAt: number }[]): { id: string; readAt: number }[] {
  return rows.toSorted((a, b) => b.readAt - a.readAt || (a.id < b.id ? -1 : 1)).slice(0, maxControls);
}
