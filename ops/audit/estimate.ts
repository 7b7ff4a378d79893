/** Estimates the requests of an audit from the sizes of the current tables. */

import { createHash } from 'node:crypto';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';

/**
 * Possible sizes of a sample, in parents per table whose children are compared. An audit uses the largest size that its
 * number of requests allows.
 */
const sampleSizes = [100, 70, 50, 30, 20, 10];
export const largestSample = Math.max(...sampleSizes);
/**
 * A sampled audit takes about this long at the workspace's rate of requests, or longer if reading the lists alone does.
 */
export const sampleMinutes = 10;
/** Rows per page that the audit asks for. */
const rowsPerPage = 100;

/** Chooses at most `most` ids. @param seed another seed gives another sample */
export function sampleOf(ids: Iterable<string>, most: number, seed: string): string[] {
  const all = [...ids];
  if (all.length <= most) return all;
  const rank = (id: string) => createHash('sha256').update(`${seed} ${id}`).digest('hex');
  return all
    .map((id) => ({ id, rank: rank(id) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, most)
    .map(({ id }) => id);
}

/** Estimates the number of requests of an audit: {@link requestsByTable} has its parameters. */
export function estimateRequests(...of: Parameters<typeof requestsByTable>): number {
  return Math.ceil([...requestsByTable(...of).values()].reduce((sum, requests) => sum + requests, 0));
}

/**
 * Estimates the requests of an audit for each table.
 * @param streams parents before their children
 * @param rows number of rows in each current table
 * @param reports reports of nightly runs, which show how many rows each list has per page
 */
export function requestsByTable(
  streams: readonly Stream[],
  rows: ReadonlyMap<string, number>,
  reports: readonly RunReport[],
  most: number,
): Map<string, number> {
  /** Number of rows that the API will return, by table. */
  const given = new Map<string, number>();
  const requests = new Map<string, number>();
  for (const stream of streams) {
    const all = rows.get(stream.name) ?? 0;
    if (!stream.parent) {
      given.set(stream.name, all);
      const list = Math.ceil((all + 1) / pageOf(stream, reports)) + (stream.detail ? all : 0);
      requests.set(stream.name, stream.shape === 'single' ? 1 : list);
      continue;
    }
    const parents = Math.max(1, rows.get(stream.parent.stream) ?? 0);
    const asked = Math.min(most, given.get(stream.parent.stream) ?? 0);
    given.set(stream.name, (all * asked) / parents);
    requests.set(stream.name, asked * Math.max(1, Math.ceil(all / parents / rowsPerPage)));
  }
  return requests;
}

/** The largest sample whose audit takes at most `requests`; the smallest if none does. */
export function sampleWithin(
  requests: number,
  streams: readonly Stream[],
  rows: ReadonlyMap<string, number>,
  reports: readonly RunReport[],
): number {
  const fits = (size: number) => estimateRequests(streams, rows, reports, size) <= requests;
  return sampleSizes.find(fits) ?? Math.min(...sampleSizes);
}

function pageOf({ name, limit, detail }: Stream, reports: readonly RunReport[]): number {
  if (limit || detail) return rowsPerPage;
  const seen = reports.flatMap(({ tables }) => {
    const table = tables[name];
    return table && table.requests > 0 ? [table.rowsExtracted / table.requests] : [];
  });
  return Math.min(rowsPerPage, Math.max(1, ...seen));
}
