import type { ColumnType } from '../../contract/column-types.ts';
import { unknownKind } from '../../contract/custom-columns.ts';
import type { JsonType } from '../../contract/field-counts.ts';
import type { Stream } from '../../contract/stream.ts';
import { isUnfitNow, type UnfitColumn } from '../../contract/unfit-columns.ts';
import { formWords, numberWords } from '../../contract/value-words.ts';
import { foldedList } from './folded-list.ts';

const given: Readonly<Record<JsonType, string>> = {
  boolean: 'true or false',
  list: 'lists',
  number: 'numbers',
  object: 'objects',
  string: 'texts',
};
const expected: Readonly<Record<ColumnType, string>> = {
  boolean: 'true or false',
  date: 'days such as 2026-03-10',
  integer: 'whole numbers',
  json: 'JSON',
  number: 'numbers',
  string: 'texts',
  string_list: 'lists of texts',
  timestamp: 'times',
};

/** From this many tables on, the cause is a change of the API as a whole, and not one of a field. */
const manyTables = 3;

/** Whether the vendor has to be asked before columns are added. @param columns whose newest values do not fit */
export function isChangeOfApi(columns: readonly UnfitColumn[]): boolean {
  return tableCount(columns) >= manyTables;
}

const tableCount = (columns: readonly UnfitColumn[]) => new Set(columns.map(({ table }) => table)).size;

/**
 * The columns whose values do not fit, for a person: a sentence for all columns to which the same happened. If many
 * tables have such columns, that is one change of the API. Otherwise, {@link columnsToAdd} has what to do.
 * @param rejected the tables of which the same run rejected rows
 */
export function unfitText(columns: readonly UnfitColumn[], rejected: readonly string[] = []): string {
  const now = columns.filter(isUnfitNow);
  const fitting = columns.filter(({ fitsAgain }) => fitsAgain);
  const unread = columns.filter((column) => !isUnfitNow(column) && !column.fitsAgain);
  const byDay = [...Map.groupBy(unread, ({ metAt = '' }) => metAt.slice(0, 10))];
  return [
    ...(now.length > 0 ? [textOfNow(now, rejected)] : []),
    ...byDay.flatMap(([day, same]) => grouped(same).map((group) => unreadSentence(group, day))),
    ...grouped(fitting).map(fittingSentence),
    ...(fitting.length + unread.length > 0 ? [pastAdvice] : []),
  ].join(' ');
}

/** What to do if the newest values fit, or if none were read since. */
const pastAdvice =
  'This ends with the run that reads every row again. A repair by ops audit may have filled them already, but it reads only the rows that differ, so it does not end this. To read every row now: npx prospect-lake ops run --full-refresh.';

function textOfNow(columns: readonly UnfitColumn[], rejected: readonly string[]): string {
  return [
    ...grouped(columns).map(sentence),
    'The values are kept in _extra.',
    ...(isChangeOfApi(columns) ? [adviceOnChange(tableCount(columns), rejected)] : []),
  ].join(' ');
}

/** The columns to which the same happened. */
function grouped(columns: readonly UnfitColumn[]): UnfitColumn[][] {
  return [...Map.groupBy(columns, ({ type, given }) => `${type} ${given.join(' ')}`).values()];
}

function adviceOnChange(tables: number, rejected: readonly string[]): string {
  const rows =
    rejected.length === 0
      ? ''
      : ` The rejected rows of ${foldedList(rejected)} may have the same cause; rejected_rows has them.`;
  return `The other columns are right.${rows} The API has changed in ${tables} tables: report it to the vendor. If the vendor keeps the new form, docs/custom-columns.md says how a field gets a column of another type.`;
}

/**
 * A second column of the same field, of a type that the values fit.
 * @param stream of the column; undefined if the configuration has it no more
 */
export function secondColumnFor({ column, field = column, type, given, shape }: UnfitColumn, stream?: Stream) {
  const fitting = typeFor(given, shape, type);
  const personal = stream?.columns[column]?.personal ?? unknownKind;
  return { name: `${column}_${fitting}`, settings: { type: fitting, field, personal } };
}

function typeFor([first, ...others]: readonly JsonType[], shape: string | undefined, declared: ColumnType): ColumnType {
  if (others.length > 0 || first === 'list' || first === 'object' || first === undefined) return 'json';
  return first === 'number' && shape === '9' && declared !== 'integer' ? 'integer' : first;
}

function fittingSentence(columns: readonly UnfitColumn[]): string {
  return `${foldedList(namesOf(columns))} may still be null in rows of ${tablesOf(columns)} that were not read since the API gave ${values(columns)}. The newest values fit.`;
}

/** @param day empty if it is not known */
function unreadSentence(columns: readonly UnfitColumn[], day: string): string {
  const when = day === '' ? '' : `, on ${day}`;
  return `${nullIn(columns)}: the API gave ${values(columns)} when these rows were last read${when}. No later run has read them again.`;
}

function sentence(columns: readonly UnfitColumn[]): string {
  return `${nullIn(columns)}: the API gives ${values(columns)}.`;
}

/** In which rows the columns are null. */
function nullIn(columns: readonly UnfitColumn[]): string {
  const isAll = columns.every(({ unfit, values }) => unfit === values);
  return `${subject(columns)} null in ${isAll ? '' : 'some rows of '}${tablesOf(columns)}`;
}

/** The columns, with the verb. */
function subject(columns: readonly UnfitColumn[]): string {
  const names = namesOf(columns);
  return `${foldedList(names)} ${names.length === 1 ? 'is' : 'are'}`;
}

const namesOf = (columns: readonly UnfitColumn[]) => [...new Set(columns.map(({ column }) => column))];

function tablesOf(columns: readonly UnfitColumn[]): string {
  const tables = [...new Set(columns.map(({ table }) => table))];
  return tables.length > 4 ? `${tables.length} tables` : foldedList(tables);
}

function values([first, ...others]: readonly UnfitColumn[]): string {
  if (!first) return '';
  const isSame = others.every(({ shape }) => shape === first.shape);
  return `${givenWords(first.given, isSame ? first.shape : undefined)} instead of ${expected[first.type]}`;
}

function givenWords(types: readonly JsonType[], shape: string | undefined): string {
  const words = types.map((type) => given[type]).join(' or ');
  if (types.length !== 1 || shape === undefined) return words;
  if (types[0] === 'number') return `${numberWords(shape)}s`;
  return types[0] === 'string' ? `${words} ${formWords(shape)}` : words;
}
