import { tableOf } from '../lambdas/contract/stream.ts';
import { ownTables, streams } from '../lambdas/streams/registry.ts';
import { currentStateSql, historyName } from '../lambdas/streams/views.ts';
import type { LakeTable } from './constructs/glue-tables.ts';
import type { LakeView } from './constructs/glue-views.ts';

/**
 * Every table of the lake. That of a stream is named for its history, since the plain name is that of the
 * view with its current state. All are there, whichever streams are read: switching one on or off leaves
 * the stack that holds data alone.
 */
export const lakeTables: readonly LakeTable[] = [
  ...streams.map((stream) => ({ name: historyName(stream), table: tableOf(stream) })),
  ...ownTables.map((table) => ({ name: table.name, table })),
];

/** The current state of each stream, under the plain name. */
export const lakeViews: readonly LakeView[] = streams.map((stream) => ({
  name: stream.name,
  description: `${stream.description} The current rows of ${historyName(stream)}.`,
  columns: tableOf(stream).columns,
  sql: currentStateSql(stream),
}));
