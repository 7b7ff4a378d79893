import { type Stream, tableOf } from '../contract/stream.ts';
import { streamNamed } from './registry.ts';

/**
 * The current state of each stream as SQL over its history, in words that Athena (Trino) and DuckDB both
 * know. `<table>_history` holds every version that was ever read; the view `<table>` has one row a key.
 */

export const historyName = (stream: Stream) => `${stream.name}_history`;

/**
 * A snapshot stream is listed whole in each run, so what the latest complete listing lacks is gone. Of the
 * others (leads, and children read only where their parent changed) every row ever seen counts, until a
 * tombstone says otherwise.
 */
export function isSnapshot(stream: Stream): boolean {
  if (stream.cursor) return false;
  if (!stream.parent) return true;
  const parent = streamNamed(stream.parent.stream);
  return !parent.moved && isSnapshot(parent);
}

/**
 * One row a key: the newest copy that was read since the row was last found deleted. Copies are ordered by
 * the source's time (a late answer may be an old one), then by ours. A deletion is compared with our time of
 * reading, since both are of our clock: a row that the API gave again is there, whatever its `updated_at`.
 *
 * test/streams/views.test.ts runs this on DuckDB against an oracle. For Trino (Athena engine v3), which is
 * not run here: window functions, NULLS LAST, quoted identifiers and timestamp literals are in its grammar;
 * a Glue `timestamp` is `timestamp(3)` there, to which the literal widens.
 */
export function currentStateSql(stream: Stream): string {
  const columns = Object.keys(tableOf(stream).columns).map(quote).join(', ');
  const key = stream.key.map(quote).join(', ');
  const version = 'updated_at' in stream.columns ? 'updated_at DESC NULLS LAST, ' : '';
  return `SELECT ${columns}
FROM (
  SELECT ${columns}, row_number() OVER (PARTITION BY ${key} ORDER BY ${version}_extracted_at DESC, _run_id DESC) AS _version
  FROM (
    SELECT ${columns}, max(_deleted_at) OVER (PARTITION BY ${key}) AS _gone_at
    FROM ${historyName(stream)}${isSnapshot(stream) ? latestSnapshot(stream) : ''}
  ) AS copies
  WHERE _deleted_at IS NULL AND (_gone_at IS NULL OR _extracted_at >= _gone_at)
) AS versions
WHERE _version = 1`;
}

/** Rows of the latest complete listing, and whatever was read after it began. Ids of nightly runs sort by time. */
function latestSnapshot(stream: Stream): string {
  const complete = `FROM pipeline_runs WHERE table_name = '${stream.name}' AND kind = 'nightly' AND status = 'complete'`;
  return `
    WHERE _run_id = (SELECT max(run_id) ${complete})
      OR _extracted_at >= coalesce((SELECT max(started_at) ${complete}), TIMESTAMP '1970-01-01 00:00:00')`;
}

/** Some columns have the names of SQL words, such as `row` and `key`. */
function quote(name: string): string {
  return `"${name}"`;
}
