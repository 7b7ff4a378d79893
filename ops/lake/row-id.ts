import type { Stream } from '../../lambdas/contract/stream.ts';

/** Names a row for a person: the values of its key, joined by slashes. */
export function rowId(stream: Pick<Stream, 'key'>, row: Readonly<Record<string, unknown>>): string {
  return stream.key.map((name) => String(row[name])).join('/');
}
