/** Requests one page of every endpoint, and compares it with the contract. */

import type { Stream } from '../../lambdas/contract/stream.ts';
import { createRowParser } from '../../lambdas/core/rows/rows.ts';
import type { Api, Asked } from '../api/ask.ts';
import { compareRows, type Difference } from '../contract/compare-rows.ts';
import { orderOf } from '../contract/list-order.ts';
import type { Operation } from '../contract/operations.ts';
import { type Page, pageOf, type Row } from '../contract/page.ts';

/** What one endpoint answered. */
export interface Endpoint {
  readonly operation: Operation;
  /** Undefined if the endpoint was not requested, because no row had an id for its path. */
  readonly asked?: Asked;
  /** Undefined if the answer is not of the contract's shape. */
  readonly page?: Page;
  readonly differences: readonly Difference[];
  /** Rows that the pipeline would reject, because they have no usable key. */
  readonly rejected: number;
  /** Order of the list, as {@link orderOf} recognizes it. */
  readonly order?: string | null;
}

/** Most parents to try until one is found that has children. */
const parentsTried = 3;

/** The most requests that {@link readEndpoints} makes. */
export function mostRequests(operations: readonly Operation[]): number {
  return operations.reduce((sum, { kind, stream }) => sum + (kind === 'list' && stream.parent ? parentsTried : 1), 0);
}

/**
 * Requests a page of each operation.
 * @param operations parents before their children
 * @param answered answers to earlier requests, by path
 */
export async function readEndpoints(
  operations: readonly Operation[],
  api: Api,
  { pageSize, answered }: { readonly pageSize: number; readonly answered: ReadonlyMap<string, Asked> },
  onAsk: (path: string) => void,
): Promise<Endpoint[]> {
  const rows = new Map<string, readonly Row[]>();
  const endpoints: Endpoint[] = [];
  for (const operation of operations) {
    const { kind, stream, path } = operation;
    onAsk(path);
    const ids = idsFor(operation, rows);
    const query: Record<string, string> = kind === 'list' && stream.limit ? { limit: String(pageSize) } : {};
    let endpoint: Endpoint = { operation, differences: [], rejected: 0 };
    for (const id of ids) {
      const filled = id === undefined ? path : path.replace(/\{\w+\}/, encodeURIComponent(id));
      const sample = kind === 'byId' ? rows.get(stream.name)?.find((row) => String(row['id']) === id) : undefined;
      const found = judge(operation, answered.get(path) ?? (await api.ask(filled, query)), { parent: id, sample });
      // The parent may have been deleted since it was listed: another one tells whether the path exists.
      if (isGone(found) && endpoint.page) continue;
      endpoint = found;
      if (!isGone(found) && found.page?.rows.length !== 0) break;
    }
    if (kind === 'list') rows.set(stream.name, endpoint.page?.rows ?? []);
    endpoints.push(endpoint);
  }
  return endpoints;
}

const isGone = ({ asked }: Endpoint) => asked?.status === 404 || asked?.status === 410;

/** The ids to put into the path, one after the other; a single undefined for a path without a parameter. */
function idsFor({ kind, stream, path }: Operation, rows: ReadonlyMap<string, readonly Row[]>): (string | undefined)[] {
  if (!path.includes('{')) return [undefined];
  const isChild = kind === 'list';
  const from = isChild ? stream.parent?.stream : stream.name;
  const ids = (rows.get(from ?? '') ?? []).map(({ id }) => id);
  return ids
    .filter((id) => typeof id === 'string' || typeof id === 'number')
    .map(String)
    .filter((id) => !['', '.', '..'].includes(id))
    .slice(0, isChild ? parentsTried : 1);
}

/**
 * Compares an answer with the contract.
 * @param of.sample for a request by id: the row as the list gave it. A field that it lacks too is not reported again
 */
function judge(
  operation: Operation,
  asked: Asked,
  { parent, sample }: { readonly parent: string | undefined; readonly sample: Row | undefined },
): Endpoint {
  const { kind, stream, fields } = operation;
  const page = asked.isGood ? pageOf(kind === 'list' ? 'list' : 'single', asked.json) : undefined;
  const rows = page?.rows ?? [];
  const order = kind === 'list' ? orderOf(rows) : undefined;
  const differences = compareRows(kind === 'list' && stream.parent ? withoutParentKey(rows, operation) : rows, fields);
  return {
    operation,
    asked,
    ...(page ? { page } : {}),
    differences: differences.filter(({ kind: what, field }) => what !== 'missing' || !sample || field in sample),
    rejected: kind === 'detail' ? 0 : rejectedOf(stream, rows, parent),
    ...(order === undefined ? {} : { order }),
  };
}

/** Leaves out the id of the parent, which a child may repeat: the pipeline knows it from the path. */
function withoutParentKey(rows: readonly Row[], { stream, fields }: Operation): readonly Row[] {
  const key = stream.parent?.key ?? '';
  if (key in fields) return rows;
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== key)));
}

/** Parses the rows as the pipeline does, to know which of them it rejects. */
function rejectedOf(stream: Stream, rows: readonly Row[], parent: string | undefined): number {
  const parser = createRowParser(stream, 'doctor');
  const meta = { request_id: null, extracted_at: new Date(0).toISOString(), position: 0, parent: parent ?? 'none' };
  return rows.filter((row) => 'rejected' in parser.parse({ meta, row: JSON.stringify(row), detail: undefined })).length;
}
