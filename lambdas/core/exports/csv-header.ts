import type { Columns, ColumnType } from '../../contract/column-types.ts';
import { ExportFileError } from '../errors.ts';

export interface CsvHeader {
  /** Name of each column. No two are equal. */
  readonly names: readonly string[];
  /** Type of each column; undefined for a column that is not declared. */
  readonly types: readonly (ColumnType | undefined)[];
  /** Name for a cell beyond the last column of the header. */
  nameBeyond(index: number): string;
}

/** Names that an export may give to the id of a lead, in addition to `id`. */
const idNames: ReadonlySet<string> = new Set(['leadid', 'recordid']);

/**
 * Assigns a name to each column of a header. Recognises declared columns in any spelling (`Full Name`, `E-Mail`) and
 * keeps all other columns. If several columns have one name, the first keeps it and the others are numbered
 * (`email_2`).
 * @throws ExportFileError if no column is the id. The message leaves out the names: in a file without a header they
 * would be values, which may be personal data.
 */
export function csvHeader(record: readonly string[], columns: Columns): CsvHeader {
  const bySpelling = new Map(Object.keys(columns).map((name) => [spelling(name), name]));
  const declaredName = (name: string) => {
    if (Object.hasOwn(columns, name)) return name;
    return idNames.has(spelling(name)) ? 'id' : bySpelling.get(spelling(name));
  };
  const trimmed = record.map((name) => name.trim());
  // A column called exactly `id` is the id, even if another candidate comes before it.
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
      `None of the ${names.length} columns of the export file is called id, so its leads cannot be identified. Check the file.`,
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
