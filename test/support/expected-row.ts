import { createHash } from 'node:crypto';
import type { ColumnValue } from '../../lambdas/contract/column-types.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { type GivenRow, kindOf } from './any-lines.ts';

/**
 * The expected cells of a row, by the rules of its table; null if the row has to be rejected. Written for plainness,
 * not for speed.
 * @param parent id of the row's parent; undefined for a stream without a parent
 */
export function expectedRow(
  stream: Stream,
  { text, members }: GivenRow,
  parent: string | undefined,
): Record<string, ColumnValue> | null {
  const row: Record<string, ColumnValue> = {};
  const extra: string[] = [];
  const columns = new Map(Object.entries(stream.columns).map(([name, { field = name }]) => [field, name]));
  for (const name of columns.values()) row[name] = null;
  for (const field of Object.keys(JSON.parse(text))) {
    const given = members.get(field);
    if (!given || (field === stream.parent?.key && String(JSON.parse(given.text)) === parent)) continue;
    const column = columns.get(field);
    if (column !== undefined && given.text === 'null') continue;
    const kind = column === undefined ? undefined : kindOf(stream, column);
    const fit = kind === 'json' ? { value: given.text, exact: true } : kind && given.fits[kind];
    if (column !== undefined && fit) row[column] = fit.value;
    if (!fit?.exact) extra.push(`${JSON.stringify(field)}:${given.text}`);
  }
  if (stream.parent) row[stream.parent.key] = parent ?? null;
  if (stream.numbered) row[stream.numbered.column] = 0n;
  row['_digest'] = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  row['_extra'] = extra.length > 0 ? `{${extra.join(',')}}` : null;
  row['_deleted_at'] = null;
  const isUsable = stream.key.every((name) => {
    const value = row[name];
    return typeof value === 'bigint' || (typeof value === 'string' && value.length > 0 && value.length <= 256);
  });
  return isUsable ? row : null;
}
