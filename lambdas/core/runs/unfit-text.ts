import type { ColumnType } from '../../contract/column-types.ts';
import type { JsonType } from '../../contract/field-counts.ts';
import type { UnfitColumn } from '../../contract/unfit-columns.ts';
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

/** The columns whose values do not fit, for a person: a sentence for all columns to which the same happened. */
export function unfitText(columns: readonly UnfitColumn[]): string {
  const groups = Map.groupBy(columns, ({ type, given }) => `${type} ${given.join(' ')}`);
  return [...[...groups.values()].map(sentence), 'The values are kept in _extra.'].join(' ');
}

function sentence(columns: readonly UnfitColumn[]): string {
  const names = [...new Set(columns.map(({ column }) => column))];
  const tables = [...new Set(columns.map(({ table }) => table))];
  const isAll = columns.every(({ unfit, values }) => unfit === values);
  const where = tables.length > 4 ? `${tables.length} tables` : foldedList(tables);
  const rows = isAll ? '' : 'some rows of ';
  return `${foldedList(names)} ${names.length === 1 ? 'is' : 'are'} null in ${rows}${where}: the API gives ${values(columns)}.`;
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
