import type { CountedTable } from '../../contract/counted-table.ts';
import { readColumns } from '../iceberg/data-file.ts';
import { loadTable } from '../iceberg/table.ts';
import type { Warehouse } from '../iceberg/warehouse.ts';
import type { Clock, Deadline, ObjectStore } from '../ports.ts';
import { readObject } from '../store/stored-object.ts';
import { columnsToCount, countFile } from './count-file.ts';
import type { CountedFiles } from './page-state.ts';

export interface CountPorts {
  readonly store: Pick<ObjectStore, 'get' | 'list'>;
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly deadline: Deadline;
}

/** If less time than this is left, no further file is read. The others are counted after the next night. */
const leastMilliseconds = 120_000;

/**
 * Counts the rows of a table's newest version. Data files never change, so only files that were not counted before are
 * read.
 * @returns undefined if the table does not exist
 */
export async function countTable(
  counted: CountedTable,
  former: CountedFiles | undefined,
  { store, warehouse, clock, deadline }: CountPorts,
): Promise<CountedFiles | undefined> {
  const live = await loadTable(store, warehouse, counted.table);
  if (!live) return undefined;
  const files: CountedFiles['files'] = {};
  let isWhole = true;
  for (const { key } of live.files) {
    const name = key.slice(key.lastIndexOf('/') + 1);
    const known = former?.files[name];
    if (known) files[name] = known;
    else if (deadline.remainingMilliseconds() < leastMilliseconds) isWhole = false;
    else {
      const object = await readObject(store, key);
      if (!object) return former;
      const columns = await readColumns(key, object.body, live.schema, columnsToCount(counted));
      files[name] = countFile(columns, counted, clock.now());
    }
  }
  return { at: clock.now().toISOString(), isWhole, files };
}
