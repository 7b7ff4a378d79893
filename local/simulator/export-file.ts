import type { Json, Row } from './data/table.ts';

/** Columns of an export file. The vendor does not document its format; this is CSV (RFC 4180) with all lead fields. */
const columns = [
  'id',
  'full_name',
  'email',
  'phone',
  'company_name',
  'title',
  'location',
  'tags',
  'is_qualified',
  'created_at',
  'updated_at',
] as const;

export function* exportLines(rows: Iterable<Row>): Generator<string> {
  yield `${columns.join(',')}\r\n`;
  for (const row of rows) yield `${columns.map((column) => cell(row[column])).join(',')}\r\n`;
}

function cell(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  const text = Array.isArray(value) ? value.join(';') : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
