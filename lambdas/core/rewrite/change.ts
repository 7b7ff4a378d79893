import type { Stream, Table } from '../../contract/stream.ts';
import type { Matcher } from './persons.ts';
import type { RowChange } from './row-change.ts';

/** What a rewrite does to the objects. */
export interface Change {
  readonly rows: RowChange;
  /** Whom to forget. Undefined: only rows of tables are changed, and `raw/` and records of runs stay as they are. */
  readonly matcher: Matcher | undefined;
  /** UTC day of the rewrite, as `YYYY-MM-DD`. */
  readonly day: string;
  /** Tables of the history by name. */
  readonly tables: ReadonlyMap<string, Table>;
  /** All streams by name. */
  readonly streams: ReadonlyMap<string, Stream>;
}
