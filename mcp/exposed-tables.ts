/** The tables that the server shows, and which of their columns it masks. */

import type { Column } from '../lambdas/contract/column-types.ts';
import { type CustomColumns, withCustomColumns } from '../lambdas/contract/custom-columns.ts';
import { childReads } from '../lambdas/contract/pipeline-tables.ts';
import { currentTableOf, historyName, type Stream, type Table, tableOf } from '../lambdas/contract/stream.ts';
import { ownTables, streams } from '../lambdas/streams/registry.ts';

export interface ExposedTable {
  readonly name: string;
  /** `current`: one row per key; `history`: every version that was read; `own`: made by the pipeline. */
  readonly kind: 'current' | 'history' | 'own';
  readonly description: string;
  readonly table: Table;
  /** As the configuration has it. Absent for the pipeline's own tables. */
  readonly stream?: Stream;
  /** Whether the table is stored in the same way as the current tables. */
  readonly isCurrent: boolean;
}

/**
 * @param custom the columns that the configuration adds
 * @param dropped the columns that it added once
 */
export function exposedTables(custom: CustomColumns, dropped: CustomColumns = {}): readonly ExposedTable[] {
  const configured = streams.map((stream) => withCustomColumns(stream, custom));
  return [
    ...configured.map((stream): ExposedTable => {
      const table = currentTableOf(withCustomColumns(stream, dropped));
      return { name: stream.name, kind: 'current', description: stream.description, table, stream, isCurrent: true };
    }),
    ...configured.map((stream): ExposedTable => {
      const description = `Every version that was read: ${stream.description}`;
      return {
        name: historyName(stream),
        kind: 'history',
        description,
        table: tableOf(withCustomColumns(stream, dropped)),
        stream,
        isCurrent: false,
      };
    }),
    ...ownTables.map((table): ExposedTable => ownTable(table, false)),
    ownTable(childReads, true),
  ];
}

function ownTable(table: Table, isCurrent: boolean): ExposedTable {
  return { name: table.name, kind: 'own', description: table.description, table, isCurrent };
}

/**
 * Whether a column is masked: if it is declared as personal, if the configuration added it and does not say whether it
 * is, or if it is the digest of a row, from which a value could be guessed.
 */
export function isMasked(name: string, { personal, isPersonalUnknown }: Column): boolean {
  return personal !== undefined || isPersonalUnknown === true || name === '_digest';
}
