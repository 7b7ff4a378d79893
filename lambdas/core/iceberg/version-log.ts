import { versionOf } from '../../contract/current-keys.ts';
import type { TableMetadata } from './metadata.ts';
import type { LiveTable } from './table.ts';
import { uriOf, type Warehouse } from './warehouse.ts';

const day = 86_400_000;

/** No object younger than this is deleted: a reader may be reading it, or a writer may be about to commit it. */
export const graceMilliseconds = day;

type Named = Pick<LiveTable, 'metadata' | 'metadataKey'>;

/** The log of earlier versions that the next version contains: back to the version that was the newest a day ago. */
export function versionLog(warehouse: Warehouse, base: Named, now: Date): TableMetadata['metadata-log'] {
  const log = [
    ...base.metadata['metadata-log'],
    { 'metadata-file': uriOf(warehouse, base.metadataKey), 'timestamp-ms': base.metadata['last-updated-ms'] },
  ];
  return log.slice(Math.max(0, log.findLastIndex(isPast(now))));
}

/** The version that was the newest a day ago; undefined if there was none. */
export function versionADayAgo(warehouse: Warehouse, table: Named, now: Date): number | undefined {
  const newest = {
    'metadata-file': uriOf(warehouse, table.metadataKey),
    'timestamp-ms': table.metadata['last-updated-ms'],
  };
  const past = [...table.metadata['metadata-log'], newest].findLast(isPast(now));
  return past && versionOf(past['metadata-file']);
}

function isPast(now: Date): (entry: { readonly 'timestamp-ms': number }) => boolean {
  return (entry) => entry['timestamp-ms'] <= now.getTime() - graceMilliseconds;
}
