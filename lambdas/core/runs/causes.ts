import type { ProblemName } from '../../contract/problems.ts';
import type { RunReport, TableReport } from '../../contract/run-report.ts';
import type { Stream } from '../../contract/stream.ts';
import { requestIdText } from './request-id.ts';

type Family = Pick<Stream, 'name' | 'parent' | 'scope'>;

/** Error codes with a section of their own in the runbook. All others are told as RunFailed or RunPartial. */
export const problemsByCode = new Map<string, ProblemName>([
  ['unauthorized', 'KeyRefused'],
  ['forbidden', 'ScopeMissing'],
  ['deletions_held', 'DeletionsHeld'],
  ['all_rejected', 'RowsRejected'],
]);

/** Why tables of a run are incomplete. */
export interface Cause {
  /** The section of the runbook. */
  readonly problem: ProblemName;
  /** What happened and what to do. The name of the table is not repeated at its beginning. */
  readonly message: string;
  /** The tables that met the error, and those whose parents did. */
  readonly tables: readonly string[];
  /** The vendor's id of one request that met the error; null if it sent none. */
  readonly requestId: string | null;
}

/** What happened and what to do, with the id of a request for a ticket with the vendor. */
export function causeText({ message, requestId }: Pick<Cause, 'message' | 'requestId'>): string {
  return message + requestIdText(requestId);
}

/** Names the tables of a cause. */
export function tablesText(
  { tables }: Pick<RunReport, 'tables'>,
  names: readonly string[],
  list = (all: readonly string[]) => all.join(', '),
): string {
  const all = Object.keys(tables).length;
  return all > 1 && names.length === all ? 'all tables' : list(names);
}

/**
 * The causes for which tables of a run are incomplete, each once. A table that is incomplete only because its parent is
 * belongs to the cause of its parent.
 */
export function causesOf(
  { status, tables }: Pick<RunReport, 'status' | 'tables'>,
  streams: readonly Family[],
): Cause[] {
  const causes = new Map<string, Cause>();
  for (const [name, { error }] of Object.entries(tables)) {
    if (!error) continue;
    const { code, message, requestId } = rootOf(name, error, tables, streams);
    const text = withoutTable(message, tables);
    const problem = problemsByCode.get(code) ?? (status === 'failed' ? 'RunFailed' : 'RunPartial');
    const known = causes.get(text);
    causes.set(text, {
      problem,
      message: text,
      tables: [...(known?.tables ?? []), name],
      requestId: known?.requestId ?? requestId,
    });
  }
  return withScopesTogether([...causes.values()], tables, streams);
}

/** Makes one cause of all missing scopes: they are given to the key together. */
function withScopesTogether(
  causes: readonly Cause[],
  tables: RunReport['tables'],
  streams: readonly Family[],
): Cause[] {
  const lacking = causes.filter(({ problem }) => problem === 'ScopeMissing');
  const [first] = lacking;
  if (!first || lacking.length === 1) return [...causes];
  const tablesByScope = new Map<string, string[]>();
  for (const cause of lacking) {
    const refused = cause.tables.filter((name) => tables[name]?.error?.code === 'forbidden');
    const scopes = new Set(refused.map((name) => streams.find((one) => one.name === name)?.scope));
    const scope = [...scopes].join(', ');
    tablesByScope.set(scope, [...(tablesByScope.get(scope) ?? []), ...cause.tables]);
  }
  const needs = [...tablesByScope].map(([scope, names]) => `${scope} for ${names.join(', ')}`);
  const together = {
    ...first,
    message: `The API answered 403. The API key may not do this. Give the key these scopes, or switch the streams off in the configuration: ${needs.join('; ')}.`,
    tables: lacking.flatMap((cause) => cause.tables),
  };
  return [together, ...causes.filter((cause) => !lacking.includes(cause))];
}

type TableError = NonNullable<TableReport['error']>;

/** The error of a table or, if only its parent could not be read, that of the parent. */
function rootOf(name: string, error: TableError, tables: RunReport['tables'], streams: readonly Family[]): TableError {
  const parent = error.code === 'parent_failed' ? streams.find((one) => one.name === name)?.parent?.stream : undefined;
  const above = parent === undefined ? undefined : tables[parent]?.error;
  return parent !== undefined && above ? rootOf(parent, above, tables, streams) : error;
}

/** The table at the beginning may be another one: the first error of an aborted run is that of all its tables. */
function withoutTable(message: string, tables: RunReport['tables']): string {
  const [, table = '', text = message] = /^(\w+): (.*)$/s.exec(message) ?? [];
  return table in tables ? capitalized(text) : message;
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
