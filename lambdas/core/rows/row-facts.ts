import { maxIdLength } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { parseTimestamp } from './timestamps.ts';

/**
 * Whether a value can be the id in an address of the API: a path takes half a character for an error, and
 * `.` and `..` for another address.
 */
export function isAddressable(id: unknown): id is string {
  return (
    typeof id === 'string' && id.length > 0 && id.length <= maxIdLength && !/^\.{1,2}$/.test(id) && id.isWellFormed()
  );
}

/** What extract must know of a row that it otherwise passes on unread. */
export interface RowFacts {
  /** Undefined where the row has no usable one. */
  readonly id: string | undefined;
  /** The latest of the row's cursor or `moved` times, in milliseconds since the epoch. */
  readonly time: number | undefined;
}

const nothing: RowFacts = { id: undefined, time: undefined };

export function rowFacts(stream: Stream, row: string): RowFacts {
  const value: unknown = JSON.parse(row);
  if (!isObject(value)) return nothing;
  const id = value['id'];
  const times = [stream.cursor?.field, ...(stream.moved ?? [])].flatMap((field) => {
    const text = field === undefined ? undefined : value[field];
    const time = typeof text === 'string' ? parseTimestamp(text)?.date.getTime() : undefined;
    return time === undefined ? [] : [time];
  });
  return {
    id: isAddressable(id) ? id : undefined,
    time: times.length > 0 ? Math.max(...times) : undefined,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
