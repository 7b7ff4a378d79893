import { streams } from '../../../lambdas/streams/registry.ts';
import type { Row } from '../data/table.ts';
import type { Operation } from '../operations.ts';
import { notFound, Problem } from '../problem.ts';
import { basePath } from '../operations.ts';
import { listOf } from './lists.ts';
import { type Context, parameter, type Route, type Routes } from './route.ts';

/** The routes of all reads: lists, single rows and tables with one row, derived from the stream registry. */
export function readRoutes(operations: readonly Operation[]): Routes {
  return Object.fromEntries(
    operations.flatMap((operation) => {
      const route = operation.method === 'GET' ? readRoute(operation.path) : undefined;
      return route ? [[operation.id, route]] : [];
    }),
  );
}

/** Routes of the reads that the stream registry does not declare. */
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
  if (listed?.shape === 'single') return ({ workspace }) => ({ data: workspace.single(listed.name) });
  if (listed) return listOf(listed);
  const single = streams.find((stream) => stream.byId === path);
  const key = /\{(\w+)\}$/.exec(path)?.[1];
  return single && key !== undefined ? byId(single.name, key) : others[path];
}

function byId(table: string, key: string): Route {
  return (context) => {
    const { workspace, falseAnswers, settings, path } = context;
    const id = parameter(context, key);
    const data = workspace.find(table, id) ?? mergedRow(context, table, id);
    if (!data) throw missing(context, table, id);
    if (falseAnswers.happens(settings.strayIds, path)) {
      falseAnswers.record({ at: workspace.now(), table, parent: undefined, id, what: 'not found' });
      throw notFound(`row of ${table}`);
    }
    return { data };
  };
}

/** The row that a missing row was merged into, if the settings let the API answer with it. */
function mergedRow({ workspace, settings }: Context, table: string, id: string): Row | undefined {
  const into = settings.mergedStatus === 200 ? workspace.table(table).get(id)?.mergedInto : undefined;
  return into === undefined ? undefined : workspace.find(table, into);
}

/** The answer for a missing row: 404, or the address of the other row (301) if it was merged into one. */
function missing({ workspace, settings, path }: Context, table: string, id: string): Problem {
  const into = workspace.table(table).get(id)?.mergedInto;
  if (into === undefined || settings.mergedStatus !== 301) return notFound(`row of ${table}`);
  return new Problem(301, 'merged', 'The row was merged into another.', {
    headers: { location: basePath + path.replace(encodeURIComponent(id), encodeURIComponent(into)) },
  });
}
