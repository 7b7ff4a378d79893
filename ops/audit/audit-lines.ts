/** Formats the findings of an audit for a person. */

import { prefixes } from '../../lambdas/contract/object-keys.ts';
import { paint, type Terminal } from '../../local/cli/terminal.ts';
import { type Cell, textTable } from '../../local/cli/text-table.ts';
import { capitalized } from '../../lambdas/core/runs/causes.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import type { Audit } from './audit.ts';
import type { Difference, DifferenceKind, TableAudit } from './table-audit.ts';
import { type Verdict, verdictOf } from './verdict.ts';

const mostShown = 20;
const idsShown = 10;
const kinds: readonly DifferenceKind[] = ['missing', 'different', 'deleted'];
const head = ['table', 'rows', 'in the API', 'parents compared', ...kinds, 'not yet loaded'];
/** What each kind of difference means, before the ids of its rows. */
const meanings: Record<DifferenceKind, string> = {
  missing: 'in the API, but missing here',
  different: 'different in the API',
  deleted: 'no longer in the API',
};

export interface AuditView {
  readonly terminal: Terminal;
  /** Whether tables without findings are listed too. */
  readonly allTables: boolean;
}

export function auditLines(found: Audit, { terminal, allTables }: AuditView): string[] {
  const listed = allTables ? found.tables : found.tables.filter(isNoteworthy);
  const folded = found.tables.length - listed.length;
  const rows = listed.map(cellsOf);
  return [
    ...(found.tables.length === 0 ? ['No nightly run has read a table yet.'] : []),
    ...(rows.length > 0 ? textTable(head, rows, terminal, { right: head.map(isNumeric) }).split('\n') : []),
    ...(folded > 0 ? [foldedLine(found, folded, listed.length > 0)] : []),
    ...found.tables.flatMap(tableLines),
    ...few(fileLines(found)),
    `${counted(found.requests, 'request')} to the API. ${paint(terminal, verdictOf(found) === 'clean' ? 'green' : 'red', verdictLine(found))}`,
  ];
}

/** If the comparison did not finish, 0 would say that the API has no rows, or that none differ. */
function cellsOf(audit: TableAudit): Cell[] {
  const shown = (count: number) => (audit.error !== null && count === 0 ? '–' : count);
  return [
    audit.table,
    audit.lakeRows,
    shown(audit.apiRows),
    audit.parents && `${audit.parents.compared} of ${audit.parents.all}`,
    ...kinds.map((kind) => shown(differencesOf(audit, kind).length)),
    shown(audit.notYetLoaded),
  ];
}

function isNumeric(column: string): boolean {
  return column !== 'table' && column !== 'parents compared';
}

function isNoteworthy({ error, differences, unlisted, notYetLoaded }: TableAudit): boolean {
  return error !== null || differences.length + unlisted + notYetLoaded > 0;
}

function foldedLine({ tables }: Audit, count: number, hasListed: boolean): string {
  const others = tables.filter((table) => !isNoteworthy(table));
  const rows = others.reduce((sum, { apiRows }) => sum + apiRows, 0);
  return `${counted(count, hasListed ? 'other table' : 'table')} matching the API, ${counted(rows, 'row')} compared. --all-tables lists each.`;
}

function tableLines(audit: TableAudit): string[] {
  const { table, error, forgotten, unlisted, deletedOnApproval, lakeRows } = audit;
  const cut =
    unlisted > 0
      ? [
          `${table}: the list of the API leaves out ${unlisted} of ${counted(lakeRows, 'row')}, which the API gives by id. If a second audit finds the same, the list is cut short: report it to the vendor.`,
        ]
      : [];
  const approved =
    deletedOnApproval.rows > 0
      ? [
          `${table}: the API gives by id ${counted(deletedOnApproval.rows, 'row')} that the lake deleted on approval of ${deletedOnApproval.runs.join(', ')}. --repair reads them again.`,
        ]
      : [];
  const left =
    forgotten > 0
      ? [
          `${table}: the API still gives ${counted(forgotten, 'row')} of persons who were forgotten; they are not compared.`,
        ]
      : [];
  const lines = kinds.flatMap((kind) => {
    const of = differencesOf(audit, kind);
    const more = of.length - idsShown;
    return [
      ...(of.length > 0 ? [`${table}, ${counted(of.length, 'row')} ${meanings[kind]}:`] : []),
      ...of.slice(0, idsShown).map((each) => `  ${differenceText(each)}`),
      ...(more > 0 ? [`  … and ${more.toLocaleString('en-US')} more: --json has all`] : []),
    ];
  });
  const why =
    error === null ? [] : [`${table}: the comparison did not finish. ${capitalized(withoutName(error, table))}`];
  return [...why, ...left, ...cut, ...approved, ...lines];
}

function differenceText({ key, columns }: Difference): string {
  const id = key.join('/');
  if (columns === undefined) return id;
  return `${id}  ${columns.length === 0 ? 'in no column that can be compared' : columns.join(', ')}`;
}

/** A message without the table's name, with which some errors begin. */
function withoutName(message: string, table: string): string {
  return message.startsWith(`${table}: `) ? message.slice(table.length + 2) : message;
}

function fileLines({ lostData, files, damage }: Audit): string[] {
  const { lost, unlisted, foreign, missingRecords } = files;
  const [firstRun] = missingRecords;
  return [
    ...lostData.map(
      ({ table, key, rows, why }) =>
        `${key} is ${why}: ${counted(rows, 'row')} of ${table}. Restore its previous version, or let --repair read its rows again.`,
    ),
    ...lost.map(
      ({ key, rows, why, isConvertible }) =>
        `${key} is ${why} (${counted(rows, 'row')}); ${isConvertible ? 'its raw chunk is there' : 'its raw chunk or a record of its run is gone or damaged, so only its previous version can restore it. The current table does not need it.'}`,
    ),
    ...foreign.map(
      (key) =>
        `${key} is no file of the pipeline, and every query of that table reads it. Move it out of ${prefixes.lake}; nothing here deletes it.`,
    ),
    ...unlisted.map((runId) => `The table pipeline_runs lacks the rows of ${runId}.`),
    ...(firstRun === undefined
      ? []
      : [
          `Records of ${counted(missingRecords.length, 'run')} are missing before their time, such as below ${prefixes.runs}${firstRun}/. Restore them: the bucket keeps deleted objects for 14 days.`,
        ]),
    ...[...damage].map(
      ([key, message]) =>
        `${message}${key.startsWith(prefixes.current) ? ` If that cannot be, move the table's folder out of ${prefixes.current}; audit --repair then reads the table again.` : ''}`,
    ),
  ];
}

function few(lines: readonly string[]): string[] {
  const more = lines.length - mostShown;
  return [...lines.slice(0, mostShown), ...(more > 0 ? [`and ${more} more (--json has all)`] : [])];
}

function verdictLine(found: Audit): string {
  const rest = found.tables.filter(({ error }) => error !== null).length;
  const unfinished = `the comparison of ${rest} of ${counted(found.tables.length, 'table')} did not finish.`;
  const isSample = found.tables.some(({ parents }) => parents && parents.compared < parents.all);
  const isCut = found.tables.some(({ unlisted }) => unlisted > 0);
  const whole = isSample
    ? 'What was compared matches the API. --all compares the children of every row.'
    : 'The lake matches the API.';
  const lines: Record<Verdict, string> = {
    clean: isCut ? 'The rows match the API, but a list of the API leaves rows out, as named above.' : whole,
    damaged:
      'The current tables match the API, but files or records of the history are lost or cannot be read, as named above.',
    unfinished: `No difference was found, but ${unfinished}`,
    differs: rest === 0 ? 'The lake differs from the API.' : `The lake differs from the API, and ${unfinished}`,
  };
  return lines[verdictOf(found)];
}

function differencesOf({ differences }: TableAudit, kind: DifferenceKind): Difference[] {
  return differences.filter((each) => each.kind === kind);
}

/** All findings as data, for `--json`. */
export function auditData(found: Audit) {
  const { tables, files, lostData, damage, requests } = found;
  const { convertible: _, ...told } = files;
  return {
    clean: verdictOf(found) === 'clean',
    verdict: verdictOf(found),
    requests,
    tables: tables.map((audited) => {
      const { differences, ...table } = audited;
      return {
        ...table,
        ...Object.fromEntries(
          kinds.map((kind) => [kind, differencesOf(audited, kind).map(({ key }) => key.join('/'))]),
        ),
        differentColumns: Object.fromEntries(
          differences.flatMap(({ key, columns }) => (columns ? [[key.join('/'), columns]] : [])),
        ),
      };
    }),
    lostData,
    files: told,
    damage: Object.fromEntries(damage),
  };
}
