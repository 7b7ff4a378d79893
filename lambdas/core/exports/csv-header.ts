import type { Columns, ColumnType } from '../../contract/column-types.ts';
import { ExportFileError } from '../errors.ts';

export interface CsvHeader {
  /** Of each column, no two alike. */
  readonly names: readonly string[];
  /** Undefined for a column that is not declared. */
  readonly types: readonly (ColumnType | undefined)[];
  /** Of a cell that stands beyond the header. */
  nameBeyond(index: number): string;
}

/** Names by which an export may call the id of a lead, beside `id`. */
const idNames: ReadonlySet<string> = new Set(['leadid', 'recordid']);

/**
 * Recognises the declared columns, however their names are spelt (`Full Name`, `E-Mail`), and keeps every other.
 * Of two columns of one name the first has it, and the others are numbered (`email_2`).
 * @throws ExportFileError if none is the id; without the names, for in a file without a header they are somebody's values
 */
export function csvHeader(record: readonly string[], columns: Columns): CsvHeader {
  const bySpelling = new Map(Object.keys(columns).map((name) => [spelling(name), name]));
  const declaredName = (name: string) => {
    if (Object.hasOwn(columns, name)) return name;
    return idNames.has(spelling(name)) ? 'id' : bySpelling.get(spelling(name));
  };
  const trimmed = record.map((name) => name.trim());
  // A column that is called exactly `id` is the id, wherever another one that could be stands.
  const isExact = new Set(trimmed.filter((name) => Object.hasOwn(columns, name)));
  const used = new Set<string>();
  const unique = (name: string) => {
    let free = name;
    for (let count = 2; used.has(free); count += 1) free = `${name}_${count}`;
    used.add(free);
    return free;
  };
  const names = trimmed.map((name, index) => {
    const declared = declaredName(name);
    const isTaken = declared !== undefined && declared !== name && isExact.has(declared);
    return unique(isTaken ? name : (declared ?? (name || `column_${index + 1}`)));
  });
  if (!names.includes('id'))
    throw new ExportFileError(
      `None of the ${names.length} columns of the export file is called id, so nothing tells which leads it holds. Look at the file.`,
    );
  return {
    names,
    types: names.map((name) => (Object.hasOwn(columns, name) ? columns[name]?.type : undefined)),
    nameBeyond(index) {
      let name = `column_${index + 1}`;
      while (used.has(name)) name += '_';
      return name;
    },
  };
}

const spelling = (name: string) => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
