import { ownTables, streams } from '../lambdas/streams/registry.ts';
import { childReads } from '../lambdas/contract/pipeline-tables.ts';
import { historyName, tableOf } from '../lambdas/contract/stream.ts';
import type { LakeTable } from './constructs/glue-tables.ts';

/**
 * Every table of the lake. That of a stream is named for its history, since the plain name is that of the
 * current table, which publish makes. All are there, whichever streams are read: switching one on or off leaves
 * the stack that holds data alone.
 */
export const lakeTables: readonly LakeTable[] = [
  ...streams.map((stream) => ({ name: historyName(stream), table: tableOf(stream) })),
  ...ownTables.map((table) => ({ name: table.name, table })),
];

/** The tables that publish makes and moves on. */
export const currentTableNames: readonly string[] = [...streams.map(({ name }) => name), childReads.name];
