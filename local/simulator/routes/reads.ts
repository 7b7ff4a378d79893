import type { Stream } from '../../../lambdas/contract/stream.ts';
import { streams } from '../../../lambdas/streams/registry.ts';
import type { LeadFilter } from '../lead-list.ts';
import { beginning } from '../lead-list.ts';
import type { Operation } from '../operations.ts';
import { type Body, decodeCursor, pageOf, pageSizeOf } from '../paging.ts';
import { invalid, notFound } from '../problem.ts';
import { type Context, parameter, type Route, type Routes } from './route.ts';

/** Reads: lists, single resources and singletons follow from where the registry says that each table is read. */
export function readRoutes(operations: readonly Operation[]): Routes {
  return Object.fromEntries(
    operations.flatMap((operation) => {
      const route = operation.method === 'GET' ? readRoute(operation.path) : undefined;
      return route ? [[operation.id, route]] : [];
    }),
  );
}

/** Reads that no stream declares. */
const others: Readonly<Record<string, Route>> = {
  '/campaigns/runs/{run_id}': byId('campaign_runs', 'run_id'),
  '/prospector/runs/{run_id}': byId('prospector_runs', 'run_id'),
  '/exports/{export_id}/download': (context) => {
    const data = context.exports.download(parameter(context, 'export_id'));
    if (!data) throw notFound('export');
    return { data };
  },
  '/webhooks/{webhook_id}/deliveries/{delivery_id}': (context) => {
    const data = context.webhooks.delivery(parameter(context, 'webhook_id'), parameter(context, 'delivery_id'));
    if (!data) throw notFound('delivery');
    return { data };
  },
};

function readRoute(path: string): Route | undefined {
  const listed = streams.find((stream) => stream.path === path);
  if (listed?.name === 'leads') return listLeads;
  if (listed)
    return listed.shape === 'single' ? ({ workspace }) => ({ data: workspace.single(listed.name) }) : list(listed);
  const single = streams.find((stream) => stream.byId === path);
  const key = /\{(\w+)\}$/.exec(path)?.[1];
  return single && key !== undefined ? byId(single.name, key) : others[path];
}

function byId(table: string, key: string): Route {
  return (context) => {
    const data = context.workspace.find(table, parameter(context, key));
    if (!data) throw notFound(`row of ${table}`);
    return { data };
  };
}

function list({ name, parent }: Stream): Route {
  return (context) => {
    const { workspace, query, path, operation, settings } = context;
    const above = parent && workspace.locate(parent.stream, parameter(context, parent.key));
    if (parent && !above) throw notFound(`row of ${parent.stream}`);
    const size = pageSizeOf(query, operation.hasLimit, settings);
    const [after] = decodeCursor(path, query) ?? [-1];
    return pageOf(workspace.list(name, above, after ?? -1), size, path, ({ position }) => String(position));
  };
}

function listLeads({ workspace, query, path, operation, settings }: Context): Body {
  const size = pageSizeOf(query, operation.hasLimit, settings);
  const [time, lead] = decodeCursor(path, query) ?? [];
  const after = time === undefined || lead === undefined ? beginning : { time, lead };
  const filter: LeadFilter = {
    updatedFrom: instant(query, 'updated_after', -Infinity) + (settings.afterInclusive ? 0 : 1),
    updatedTo: instant(query, 'updated_before', Infinity) - (settings.beforeInclusive ? 0 : 1),
    createdFrom: instant(query, 'created_after', -Infinity) + (settings.afterInclusive ? 0 : 1),
    createdTo: instant(query, 'created_before', Infinity) - (settings.beforeInclusive ? 0 : 1),
  };
  return pageOf(workspace.leads.rows(filter, after), size, path, (last) => `${last.time} ${last.lead}`);
}

/** RFC 3339, as `format: date-time` means it. */
const datePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

function instant(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const time = datePattern.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw invalid(`${name} must be a date and time such as 2026-03-10T12:00:00.000Z.`);
  return time;
}
