import type { ProblemName } from '../../contract/problems.ts';
import type { RunReport, TableReport } from '../../contract/run-report.ts';
import type { Stream } from '../../contract/stream.ts';
import { heldTogether } from './held-deletions.ts';
import { streamsAdvice } from '../api/answer-rules.ts';
import { requestIdText } from './request-id.ts';
import { causeKey } from './same-cause.ts';

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
  { runId, status, tables }: Pick<RunReport, 'runId' | 'status' | 'tables'>,
  streams: readonly Family[],
): Cause[] {
  const names = Object.keys(tables);
  const met = Object.entries(tables).flatMap(([name, { error }]) => {
    if (!error) return [];
    const { code, message, requestId } = rootOf(name, error, tables, streams);
    const problem = problemsByCode.get(code) ?? (status === 'failed' ? 'RunFailed' : 'RunPartial');
    return [{ name, code: error.code, problem, requestId, message: withoutTable(message, tables) }];
  });
  const byCause = Map.groupBy(met, ({ problem, message }) => {
    if (problem === 'DeletionsHeld') return problem;
    // Each scope is told.
    return problem === 'ScopeMissing' ? message : causeKey(message, names);
  });
  const causes = [...byCause.values()].map((errors) => ({
    problem: errors[0]?.problem ?? 'RunPartial',
    message: messageOf(errors, runId),
    tables: errors.map(({ name }) => name),
    requestId: errors.find(({ requestId }) => requestId !== null)?.requestId ?? null,
  }));
  return withScopesTogether(causes, tables, streams);
}

type MetError = Pick<Cause, 'problem' | 'message'> & { readonly name: string; readonly code: string };

/** One message for all tables of a cause. If their details differ, it has those of the first. */
function messageOf(errors: readonly MetError[], runId: string): string {
  const [first] = errors;
  if (!first) return '';
  const { name, problem, message } = first;
  const [another, ...more] = errors.filter((error) => error.message !== message);
  if (!another) return message;
  if (problem === 'DeletionsHeld') {
    // Not the tables that are incomplete only because the deletions of their parents are held back.
    const own = errors.filter(({ code }) => code === 'deletions_held');
    return heldTogether(
      own.map((error) => error.message),
      own.map((error) => error.name),
      runId,
    );
  }
  const which = more.length === 0 ? another.name : `${more.length + 1} other tables`;
  return `${message} This is what ${name} met; the run’s report has the details of ${which}.`;
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
    message: `The API answered 403. The API key may not do this. Give the key these scopes, or switch the streams off in the configuration (${streamsAdvice.replace(/\.$/, '')}): ${needs.join('; ')}.`,
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
