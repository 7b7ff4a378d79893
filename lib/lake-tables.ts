import { type CustomColumns, withCustomColumns } from '../lambdas/contract/custom-columns.ts';
import { ownTables, streams } from '../lambdas/streams/registry.ts';
import { childReads } from '../lambdas/contract/pipeline-tables.ts';
import { historyName, tableOf } from '../lambdas/contract/stream.ts';
import type { LakeTable } from './constructs/glue-tables.ts';

/**
 * Every table of the lake that CloudFormation creates: the history of each stream, and the pipeline's own tables. The
 * plain name of a stream belongs to its current table, which the publish function creates. All tables exist whichever
 * streams are read, so switching a stream on or off does not change the stack that holds data.
 */
export function lakeTablesOf(custom: CustomColumns): LakeTable[] {
  return [
    ...streams.map((stream) => ({ name: historyName(stream), table: tableOf(withCustomColumns(stream, custom)) })),
    ...ownTables.map((table) => ({ name: table.name, table })),
  ];
}

/**
 * The tables without custom columns, for code that needs only their names: these do not depend on the configuration.
 */
export const lakeTables: readonly LakeTable[] = lakeTablesOf({});

/** The tables that publish creates and updates. */
export const currentTableNames: readonly string[] = [...streams.map(({ name }) => name), childReads.name];
