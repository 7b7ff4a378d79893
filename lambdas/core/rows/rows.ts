import { hash } from 'node:crypto';
import { type ColumnValue, columnsByField } from '../../contract/column-types.ts';
import { maxIdLength } from '../../contract/run.ts';
import { isIdColumn, type Stream, tableOf } from '../../contract/stream.ts';
import { columnParsers, parseId } from './column-parsers.ts';
import type { FieldCounter } from './field-counter.ts';
import { membersOf } from './json-slices.ts';
import type { RawLine } from './raw-line.ts';
import { encodeId } from './row-ids.ts';

/** A row of a table: a value or null for each column. */
export type ParsedRow = Readonly<Record<string, ColumnValue>>;

/** The typed row, or the reason why it is rejected. */
type RowResult = { readonly row: ParsedRow } | { readonly rejected: string };

export interface RowParser {
  parse(line: RawLine): RowResult;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Parses rows of a stream. A value that fits its column is typed. Values that do not fit, and fields that are not
 * declared, go to `_extra` exactly as the API wrote them, so nothing is lost. If a field has several columns, the value
 * is in the first that it fits. A row without a usable key is rejected.
 * @param counter counts the fields of each row
 */
export function createRowParser(stream: Stream, runId: string, counter?: FieldCounter): RowParser {
  const columns = new Map(
    [...columnsByField(stream.columns)].map(([field, names]) => [field, parsersOf(stream, names)]),
  );
  const detailFields = new Set(stream.detail?.fields);
  const parentKey = stream.parent?.key;
  const blank: ParsedRow = Object.fromEntries(Object.keys(tableOf(stream).columns).map((name) => [name, null]));

  return {
    parse({ meta, row: text, detail: detailText }) {
      const fields: unknown = JSON.parse(text);
      if (!isObject(fields)) return { rejected: `The row is ${kindOf(fields)}, not an object.` };
      counter?.addRow();
      const row: Record<string, ColumnValue> = { ...blank };
      const extra: string[] = [];

      const take = (from: Fields, fromText: string, isTaken: (name: string) => boolean) => {
        let texts: Map<string, string> | undefined;
        for (const name of Object.keys(from)) {
          const value = from[name];
          if (!isTaken(name) || (name === parentKey && isParent(value, meta))) continue;
          const parsers = columns.get(name);
          const valueText = () => {
            texts ??= membersOf(fromText);
            return texts.get(name) ?? 'null';
          };
          if (parsers && value === null) {
            counter?.add(name, value, valueText, 'fits');
            continue;
          }
          const fit = parsers && firstFit(parsers, value, valueText);
          counter?.add(name, value, valueText, fit ? 'fits' : parsers ? 'unfit' : 'none');
          if (fit) row[fit.column] = fit.value;
          if (!fit?.exact) extra.push(`${JSON.stringify(name)}:${valueText()}`);
        }
      };

      const detail: unknown = detailText === undefined ? undefined : JSON.parse(detailText);
      const detailed = isObject(detail) ? detail : {};
      take(fields, text, (name) => !(detailFields.has(name) && Object.hasOwn(detailed, name)));
      take(detailed, detailText ?? '{}', (name) => detailFields.has(name));

      if (parentKey !== undefined) row[parentKey] = meta.parent === undefined ? null : encodeId(meta.parent);
      if (stream.numbered) row[stream.numbered.column] = BigInt(meta.position ?? 0);
      row['_run_id'] = runId;
      row['_extracted_at'] = new Date(meta.extracted_at);
      row['_request_id'] = meta.request_id;
      row['_digest'] = digestOf(detailText === undefined ? text : `${text}\n${detailText}`);
      row['_extra'] = extra.length > 0 ? `{${extra.join(',')}}` : null;
      for (const name of stream.key) {
        const fault = keyFault(row[name] ?? null, fields[name]);
        if (fault) return { rejected: `The key column ${name} ${fault}.` };
      }
      return { row };
    },
  };
}

/** The parsers of the columns of a field, in order. */
function parsersOf(stream: Stream, names: readonly string[]) {
  return names.flatMap((name) => {
    const column = stream.columns[name];
    const parse = column && (isIdColumn(stream, name, column) ? parseId : columnParsers[column.type]);
    return parse ? [{ column: name, parse }] : [];
  });
}

function firstFit(parsers: ReturnType<typeof parsersOf>, value: unknown, text: () => string) {
  for (const { column, parse } of parsers) {
    const fit = parse(value, text);
    if (fit) return { column, ...fit };
  }
  return undefined;
}

/** Why a row is rejected that no version of the pipeline can read, because the API gives no key: see {@link hasNoKey}. */
const [noKey, emptyKey] = ['is missing or null', 'is empty'];

/** Whether a row was rejected because the API gives no key for it. @param reason as `rejected_rows` has it */
export function hasNoKey(reason: string): boolean {
  return [noKey, emptyKey].some((words) => reason.startsWith('The key column ') && reason.endsWith(` ${words}.`));
}

const digestLength = 22;

/**
 * Distinguishes the versions of a row: 22 characters (132 bits) of a digest.
 * @param row what the API wrote, as text or UTF-8
 */
export function digestOf(row: string | Uint8Array): string {
  return hash('sha256', row, 'base64url').slice(0, digestLength);
}

/** The digest of a row whose personal data is masked: that of what the API wrote, then the name of the mask. */
export function maskedDigest(digest: string, mask: string): string {
  return `${contentDigest(digest)}.${mask}`;
}

/** The digest of what the API wrote, without the name of a mask. */
export function contentDigest(digest: string): string {
  return digest.slice(0, digestLength);
}

/** @param given what the API gives for the key */
function keyFault(value: ColumnValue, given: unknown): string | undefined {
  if (typeof value === 'bigint') return undefined;
  if (typeof value !== 'string') return (given ?? null) === null ? noKey : 'is of another type';
  if (value.length === 0) return emptyKey;
  return value.length > maxIdLength ? `is longer than ${maxIdLength} characters` : undefined;
}

/** True if a value is the id of the parent. The id may be a number in the row; the request used its text. */
function isParent(value: unknown, { parent }: RawLine['meta']): boolean {
  return value === parent || (typeof value === 'number' && String(value) === parent);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
