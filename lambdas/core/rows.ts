import type { Columns, ColumnValue } from '../contract/column-types.ts';
import { maxIdLength } from '../contract/run.ts';
import { type Stream, tableOf } from '../contract/stream.ts';
import { columnParsers } from './column-parsers.ts';
import { numberText, parseExactly } from './exact-json.ts';
import type { RawLine } from './raw-line.ts';

/** A row of a table: a value or null for each column. */
export type ParsedRow = Readonly<Record<string, ColumnValue>>;

export type RowResult = { readonly row: ParsedRow } | { readonly rejected: string };

/** What of a stream the parser needs, worked out once a chunk. */
export interface RowParser {
  parse(line: RawLine): RowResult;
}

/**
 * Parses rows of a stream. What fits its column is typed; what does not, and every field that is not
 * declared, goes to `_extra`, so nothing that the API said is lost. A row without a usable key is rejected.
 */
export function createRowParser(stream: Stream, runId: string): RowParser {
  const columns: Columns = stream.columns;
  const names = Object.keys(tableOf(stream).columns);
  return {
    parse(line) {
      const fields = parseExactly(line.row);
      if (!isObject(fields)) return { rejected: 'The row is not an object.' };
      const row: Record<string, ColumnValue> = Object.create(null) as Record<string, ColumnValue>;
      for (const name of names) row[name] = null;
      const extra: [string, unknown][] = [];

      for (const [name, value] of Object.entries({ ...fields, ...detailFields(stream, line) })) {
        const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
        if (name === stream.parent?.key && value === line.meta.parent) continue;
        const fit = column && value !== null ? columnParsers[column.type](value, numberText) : undefined;
        if (fit) row[name] = fit.value;
        if (column ? value !== null && !fit?.exact : true) extra.push([name, value]);
      }
      if (stream.parent) row[stream.parent.key] = line.meta.parent ?? null;
      row['_run_id'] = runId;
      row['_extracted_at'] = new Date(line.meta.extracted_at);
      row['_request_id'] = line.meta.request_id;
      row['_extra'] = extra.length > 0 ? textOf(extra) : null;
      const unusable = stream.key.find((name) => !isUsable(row[name] ?? null));
      return unusable === undefined ? { row } : { rejected: `The key column ${unusable} is missing, empty, too long, or of another type.` };
    },
  };
}

function detailFields(stream: Stream, { detail }: RawLine): Readonly<Record<string, unknown>> {
  if (!stream.detail || detail === undefined) return {};
  const answer = parseExactly(detail);
  if (!isObject(answer)) return {};
  return Object.fromEntries(stream.detail.fields.filter((field) => Object.hasOwn(answer, field)).map((field) => [field, answer[field]]));
}

/** JSON text of an object; written member by member, for a name may be `__proto__`. */
function textOf(entries: readonly [string, unknown][]): string {
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

function isUsable(value: ColumnValue): boolean {
  return typeof value === 'string' ? value.length > 0 && value.length <= maxIdLength : typeof value === 'bigint';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}
