/** What the report of a run tells a person, as data. core/publish/run-problems.ts decides whom to notify of what. */

import { type EmptyColumn, emptyColumnText, fillingColumnText } from '../../contract/custom-columns.ts';
import { unappliedText } from '../../contract/personal-data.ts';
import type { RunReport } from '../../contract/run-report.ts';
import type { Stream } from '../../contract/stream.ts';
import { formerTexts } from '../../contract/written-columns.ts';
import { type Cause, causesOf } from './causes.ts';
import { changeTexts } from './change-texts.ts';
import { columnsNote, columnsToAdd } from './columns-to-add.ts';
import { foldedList } from './folded-list.ts';
import { limitedText } from './limited-text.ts';
import { noUsableKey, rejectedCounts, rejectedTables } from './rejected-text.ts';
import { stillGivenText } from './still-given.ts';
import { unfitText } from './unfit-text.ts';

/** The problems of a run. A run that is complete can have some: rejected rows, values that do not fit. */
export function problemsOf(report: RunReport, streams: readonly Pick<Stream, 'name' | 'parent' | 'scope'>[]): Cause[] {
  const { tables, unfitColumns = [], forgotten } = report;
  const rejected = Object.keys(tables).filter((name) => {
    const { rowsRejected = 0, error } = tables[name] ?? {};
    return rowsRejected > 0 && error?.code !== 'all_rejected';
  });
  const stillGiven = stillGivenText(forgotten);
  const found: Omit<Cause, 'requestId'>[] = [];
  if (stillGiven !== undefined)
    found.push({ problem: 'ForgottenStillGiven', message: stillGiven, tables: forgotten?.stillGivenIn ?? [] });
  if (rejected.length > 0)
    found.push({
      problem: 'RowsRejected',
      message: `${foldedList(rejectedCounts(tables))} rows ${noUsableKey}`,
      tables: rejected,
    });
  if (unfitColumns.length > 0)
    found.push({
      problem: 'ValuesDoNotFit',
      message: unfitText(unfitColumns, rejectedTables(tables)),
      tables: [...new Set(unfitColumns.map(({ table }) => table))],
    });
  return [...causesOf(report, streams), ...found.map((problem) => ({ ...problem, requestId: null }))];
}

/** What changed in the fields of the API, and what the configuration has that the tables do not. Nothing failed. */
export function fieldNotes(report: RunReport): string[] {
  return [...changeTexts(report.schemaChanges ?? []).texts, ...settingNotes(report)];
}

/** What rate limits cost the run, if it is worth telling. */
export function limitNotes(report: RunReport): string[] {
  const text = limitedText(report);
  return text === undefined ? [] : [text];
}

/**
 * The same for a program, with the columns to add.
 * @param streams as the workspace has them, with its custom columns
 */
export function notesOf(report: RunReport, streams: readonly Stream[]): string[] {
  const columns = columnsToAdd(report, streams);
  return [...limitNotes(report), ...fieldNotes(report), ...(columns ? [columnsNote(columns)] : [])];
}

/** The custom columns that get no value, are not filled yet or are removed, and the part of `personalData` that rows from before do not follow. */
export function settingNotes({
  emptyColumns = [],
  fillingColumns = [],
  unappliedPersonalData = [],
  formerColumns = [],
}: Pick<RunReport, 'emptyColumns' | 'fillingColumns' | 'unappliedPersonalData' | 'formerColumns'>): string[] {
  const fillingOf = ({ table, column }: EmptyColumn) =>
    fillingColumns.find((filling) => filling.table === table && filling.column === column);
  // A column can be both: then one note says both.
  const toldAsEmpty = new Set(emptyColumns.map(fillingOf));
  return [
    ...emptyColumns.map((empty) => emptyColumnText(empty, fillingOf(empty))),
    ...fillingColumns.filter((filling) => !toldAsEmpty.has(filling)).map(fillingColumnText),
    ...(unappliedPersonalData.length === 0 ? [] : [unappliedText(unappliedPersonalData)]),
    ...formerTexts(formerColumns),
  ];
}
