import { streamNamed } from '../../lambdas/streams/registry.ts';
import type { Simulator } from '../../local/simulator/simulator.ts';
import type { Endpoint } from './endpoints.ts';

/**
 * The least number of requests that reads all rows of an endpoint.
 * @param pageSize rows per page of every list, also of those without the `limit` parameter
 * @param withDetails whether the requests for the details of each row of `exports` count
 */
export function leastRequests(
  simulator: Simulator,
  { name, isList }: Endpoint,
  { pageSize, withDetails }: { readonly pageSize: number; readonly withDetails: boolean },
): number {
  if (!isList) return 1;
  const { parent, detail } = streamNamed(name);
  const rows = [...simulator.expectedRows(name)];
  const pages = (count: number) => Math.max(1, Math.ceil(count / pageSize));
  if (!parent) return pages(rows.length) + (detail && withDetails ? rows.length : 0);
  const lists = Map.groupBy(rows, (row) => row[parent.key]);
  // A parent without children costs a request too.
  const parents = [...simulator.expectedRows(parent.stream)];
  return parents.reduce((sum, { id }) => sum + pages(lists.get(id)?.length ?? 0), 0);
}
