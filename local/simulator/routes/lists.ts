import type { Stream } from '../../../lambdas/contract/stream.ts';
import { instantOf } from '../instant.ts';
import { orderOf, passes, type TimeFilter } from '../listing.ts';
import type { SimulatorSettings } from '../options.ts';
import { type Body, decodeCursor, pageOf, pageSizeOf } from '../paging.ts';
import { invalid, notFound, Problem } from '../problem.ts';
import type { StoredRow } from '../stored-table.ts';
import { type Context, parameter, type Route } from './route.ts';

/** The route of a table's list. It answers with a page, or with a false answer if the settings ask for one. */
export function listOf(stream: Stream): Route {
  const { name } = stream;
  return (context) => {
    const { workspace, settings, query, path, operation, falseAnswers } = context;
    const parent = parentOf(stream, context);
    const now = workspace.now();
    const cursor = decodeCursor(path, query, settings, now);
    if (cursor && falseAnswers.happens(settings.strayPages, `${path}?${query.toString()}`))
      throw new Problem(
        settings.expiredStatus,
        'cursor_expired',
        'The cursor has expired. Read the list from its start.',
      );
    const record = (what: 'empty' | 'half') =>
      falseAnswers.record({ at: now, table: name, parent: parent?.id, id: undefined, what });
    if (settings.erring.includes(name))
      return { ...noRows, errors: [{ code: 'upstream_timeout', message: 'A part of the index did not answer.' }] };
    const filter = stream.cursor && filterOf(query, settings);
    const order = orderOf(name, settings.order);
    const unit = settings.filterUnit === 'second' ? 1_000 : 1;
    const rows = workspace.listing(name, parent, order);
    if (settings.empty.includes(name)) {
      if (rows.length > 0) record('empty');
      return noRows;
    }
    const isHalf = settings.half.includes(name);
    const shown = isHalf ? rows.slice(0, Math.ceil(rows.length / 2)) : rows;
    if (shown.length < rows.length) record('half');
    const isListed = (listed: (typeof rows)[number]) => !filter || passes(listed, filter, settings.filterBy, unit);
    const size = pageSizeOf(query, operation.hasLimit, settings);
    const page = { path, size, cursor, isListed, now };
    if (!settings.unpaged.includes(name)) return pageOf(shown, page, settings);
    return { data: pageOf(shown, page, { ...settings, emptyPages: 0 }).data };
  };
}

const noRows: Body = { data: [], pagination: { next_cursor: null, has_more: false } };

/**
 * The parent row whose list is requested; undefined if the table has no parent.
 * @throws Problem 404 if there is no such row, or if the settings ask for a false 404
 */
function parentOf({ name, parent }: Stream, context: Context): StoredRow | undefined {
  const { workspace, settings, path, query, falseAnswers } = context;
  if (!parent) return undefined;
  const above = workspace.visibleRow(parent.stream, parameter(context, parent.key));
  if (!above) throw notFound(`row of ${parent.stream}`);
  if (!query.has('cursor') && falseAnswers.happens(settings.strayChildren, path)) {
    falseAnswers.record({ at: workspace.now(), table: name, parent: above.id, id: undefined, what: 'not found' });
    throw notFound(`row of ${parent.stream}`);
  }
  return above;
}

function filterOf(query: URLSearchParams, settings: SimulatorSettings): TimeFilter {
  const unit = settings.filterUnit === 'second' ? 1_000 : 1;
  const bound = (name: string, otherwise: number) => {
    const time = instant(query, name);
    return time === undefined ? otherwise : Math.floor(time / unit) * unit;
  };
  const after = settings.afterInclusive ? 0 : unit;
  const before = settings.beforeInclusive ? 0 : unit;
  return {
    updatedFrom: bound('updated_after', -Infinity) + after,
    updatedTo: bound('updated_before', Infinity) - before,
    createdFrom: bound('created_after', -Infinity) + after,
    createdTo: bound('created_before', Infinity) - before,
  };
}

/** A time as in RFC 3339, which is what `format: date-time` means in OpenAPI. */
const datePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

function instant(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const time = datePattern.test(text) ? instantOf(text) : undefined;
  if (time === undefined) throw invalid(`${name} must be a date and time such as 2026-03-10T12:00:00.000Z.`);
  return time;
}
