/** Checks the query parameters that the pipeline relies on, with one request each. */

import type { Stream } from '../../lambdas/contract/stream.ts';
import { type Api, BudgetSpentError } from '../api/ask.ts';
import { pageOf, type Page } from '../contract/page.ts';
import { type Finding, look, note, ok, skipped } from '../finding.ts';

/** The most requests that {@link checkParameters} makes. */
export const parameterRequests = 3;

/**
 * Checks `limit`, the time filter and the cursor on one list.
 * @param page the first page of the list, read with `limit` = `pageSize`
 */
export async function checkParameters(stream: Stream, page: Page, pageSize: number, api: Api): Promise<Finding[]> {
  return [
    ...(stream.limit ? [await checkLimit(stream, page, api), ...cappedPage(stream, page, pageSize)] : []),
    ...(stream.cursor
      ? [await checkFilter(stream, stream.cursor.afterParam, stream.cursor.field, page, pageSize, api)]
      : []),
    await checkCursor(stream, page, pageSize, api),
  ];
}

const few = 2;

async function checkLimit({ path }: Stream, page: Page, api: Api): Promise<Finding> {
  const area = 'limit';
  if (page.rows.length <= few) return skipped(area, `${path} has too few rows to tell`);
  const short = await ask(api, path, { limit: String(few) });
  if (short === 'unasked') return unasked(area);
  if (!short) return look(area, `${path}?limit=${few} gives no page`, 'A run asks every such list with limit.');
  return short.rows.length <= few
    ? ok(area, `${path} gives no more rows than asked for`)
    : limitIgnored(`${path}?limit=${few} gives ${short.rows.length} rows: limit is ignored`, page);
}

/** Without pagination, nobody can tell a page that ends where the API ends every page from a whole list. */
function limitIgnored(says: string, { hasPagination }: Page): Finding {
  return hasPagination
    ? note('limit', says, 'A run still reads everything, in as many pages as the API gives.')
    : look('limit', says, 'Its lists have no pagination either: ask the vendor whether one page is the whole list.');
}

function cappedPage({ path }: Stream, { rows, hasMore }: Page, pageSize: number): Finding[] {
  if (!hasMore || rows.length >= pageSize) return [];
  return [
    note(
      'limit',
      `${path} gives ${rows.length} rows a page, although pageSize asks for ${pageSize}`,
      'A first load takes more requests than estimated.',
    ),
  ];
}

async function checkFilter(
  { name, path }: Stream,
  parameter: string,
  field: string,
  { rows }: Page,
  pageSize: number,
  api: Api,
): Promise<Finding> {
  const times = rows
    .map((row) => timeOf(row[field]))
    .filter((time) => time !== undefined)
    .toSorted((a, b) => a - b);
  const [oldest, middle] = [times[0], times[Math.ceil(times.length / 2)]];
  const after = oldest !== undefined && middle !== undefined && middle > oldest ? middle : undefined;
  if (after === undefined) return skipped(parameter, `${path} has too few different times in ${field} to tell`);
  // Rounded down to the second, because an API may ignore milliseconds.
  const since = Math.floor(after / 1_000) * 1_000;
  const filtered = await ask(api, path, { limit: String(pageSize), [parameter]: new Date(since).toISOString() });
  if (filtered === 'unasked') return unasked(parameter);
  if (!filtered)
    return look(
      parameter,
      `${path}?${parameter}=… gives no page`,
      'A night asks leads with it. Ask the vendor what has changed.',
    );
  const older = filtered.rows.filter((row) => (timeOf(row[field]) ?? since) < since).length;
  if (older > 0)
    return {
      ...note(
        parameter,
        `${path} gives ${older} of ${filtered.rows.length} rows that are older than asked for: ${parameter} does not filter`,
        `Every night then reads the whole list ${path}, with as many requests as the first load makes for it. Nothing is lost.`,
      ),
      wholeEachNight: name,
    };
  if (filtered.rows.length === 0)
    return look(
      parameter,
      `${path} gives no row although some are newer than asked for`,
      'Changes reach the tables only when the list is read again (rereadDays).',
    );
  return ok(parameter, `${path} gives only rows that changed since then`);
}

async function checkCursor({ path, limit }: Stream, page: Page, pageSize: number, api: Api): Promise<Finding> {
  const area = 'cursor';
  if (!page.hasMore) return skipped(area, `${path} has one page`);
  if (page.cursor === undefined)
    return look(
      area,
      `${path} has more rows but no next_cursor`,
      'The rest of the list cannot be read: ask the vendor.',
    );
  const next = await ask(api, path, { ...(limit ? { limit: String(pageSize) } : {}), cursor: page.cursor });
  if (next === 'unasked') return unasked(area);
  if (!next)
    return look(area, `${path}?cursor=… gives no page`, 'The rest of the list cannot be read: ask the vendor.');
  const seen = new Set(page.rows.map(({ id }) => id));
  const repeated = next.rows.filter(({ id }) => seen.has(id)).length;
  if (next.rows.length > 0 && repeated === next.rows.length)
    return look(
      area,
      `${path} gives the first page again for its next_cursor`,
      'A run stops such a list with an error: ask the vendor.',
    );
  return repeated > 0
    ? look(
        area,
        `${repeated} rows of the second page of ${path} were on the first`,
        'Rows may move while the list is read. Each is kept once.',
      )
    : ok(area, `${path} goes on where its first page ended`);
}

const unasked = (area: string) => skipped(area, 'not asked: the requests of this examination are used up');

/** @returns `unasked` if no request was left; undefined if the answer is no page */
async function ask(api: Api, path: string, query: Readonly<Record<string, string>>) {
  const asked = await api.ask(path, query);
  if (asked.cause instanceof BudgetSpentError) return 'unasked';
  return asked.isGood ? pageOf('list', asked.json) : undefined;
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
