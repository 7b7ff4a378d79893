import type { RunReport, TableReport } from '../../contract/run-report.ts';
import type { Stream } from '../../contract/stream.ts';

type Family = Pick<Stream, 'name' | 'parent'>;

/** Why tables of a run are incomplete. */
export interface Cause {
  /** What happened and what to do. The name of the table is not repeated at its beginning. */
  readonly message: string;
  /** The tables that met the error, and those whose parents did. */
  readonly tables: readonly string[];
}

/**
 * The causes for which tables of a run are incomplete, each once. A table that is incomplete only because its parent is
 * belongs to the cause of its parent.
 */
export function causesOf({ tables }: Pick<RunReport, 'tables'>, streams: readonly Family[]): Cause[] {
  const causes = new Map<string, string[]>();
  for (const [name, { error }] of Object.entries(tables)) {
    if (!error) continue;
    const [at, message] = rootOf(name, error, tables, streams);
    const text = message.startsWith(`${at}: `) ? capitalized(message.slice(at.length + 2)) : message;
    causes.set(text, [...(causes.get(text) ?? []), name]);
  }
  return [...causes].map(([message, names]) => ({ message, tables: names }));
}

/** The table that met the error, and the error's message. */
function rootOf(
  name: string,
  { code, message }: NonNullable<TableReport['error']>,
  tables: RunReport['tables'],
  streams: readonly Family[],
): [table: string, message: string] {
  const parent = code === 'parent_failed' ? streams.find((one) => one.name === name)?.parent?.stream : undefined;
  const above = parent === undefined ? undefined : tables[parent]?.error;
  return parent !== undefined && above ? rootOf(parent, above, tables, streams) : [name, message];
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
