import type { CountedTable } from '../../contract/counted-table.ts';
import type { RunStatus } from '../../contract/run-status.ts';
import { firstWeek, otherCategory, sumFiles, type TableCounts } from './count-file.ts';
import { joinPaths } from './joins.ts';
import type { PageContext } from './page-context.ts';
import type { PageData, StatusLetter } from './page-data.ts';
import { wasRead, type PageState } from './page-state.ts';
import { duration } from './format.ts';
import { nightsCharted, tablesInOrder } from './tables-section.ts';

const letters: Readonly<Record<RunStatus, StatusLetter>> = { complete: 'c', partial: 'p', failed: 'f' };
/** Line charts have a point for each of this many newest nights, and for one in seven of the nights before. */
const nightlyPoints = 90;
/** Weeks that are plotted, and categories that have a plot of their own. */
export const weeksPlotted = 26;
const categoriesPlotted = 6;
const minute = 60;

export function pageDataOf(state: PageState, context: PageContext, now: Date): PageData {
  const nights = state.nights.slice(0, nightsCharted).toReversed();
  const points = state.nights.filter((_, back) => back <= nightlyPoints || back % 7 === 0).toReversed();
  const written = points.flatMap(({ tables }) => Object.keys(tables));
  const ordered = tablesInOrder(state, context.streams).filter((name) => written.includes(name));
  // Tables that are no longer read come last.
  const names = [...new Set([...ordered, ...written])];
  const { leads, messages, campaignRuns } = context.counted;
  const counts = (of: CountedTable) => sumFiles(Object.values(state.counted[of.table]?.files ?? {}));
  return {
    nightEndedAt: state.lastNight?.report.finishedAt ?? null,
    expectedHours: context.expectedHours,
    nights: nights.map(minuteOf),
    times: points.map(minuteOf),
    tables: Object.fromEntries(
      names.map((name) => [
        name,
        {
          rows: carried(points.map(({ tables }) => tables[name]?.[0] ?? null)),
          status: nights.map(({ tables }) => (tables[name] ? letters[tables[name][1]] : '-')).join(''),
        },
      ]),
    ),
    requests: state.runs
      .filter(({ kind }) => kind === 'nightly')
      .map(({ startedAt, requests, readSeconds, status }) => ({
        at: startedAt,
        // A run that read for less than a minute counts as a minute: a rate over a few seconds would be misleading.
        perMinute: requests / Math.max(1, readSeconds / minute),
        status: letters[status],
      }))
      .toReversed(),
    budget: context.requestsPerMinute,
    timeline: timelineOf(state),
    notRead: notReadIn(state, context.streams),
    funnel: funnelOf(counts(leads), wasRead(state, messages.table) ? counts(messages) : undefined),
    weeks: [firstWeek(now, weeksPlotted), firstWeek(now, 1)],
    messages: recentWeeks(counts(messages), now),
    campaignRuns: recentWeeks(counts(campaignRuns), now),
    joins: joinPaths(context.streams),
  };
}

/** With hours and minutes, because a local workspace may have several nightly runs a day. */
const minuteOf = ({ startedAt }: { readonly startedAt: string }) => `${startedAt.slice(0, 16)}Z`;

/** Row counts in which a night that did not write the table has the count of the night before. */
function carried(counts: readonly (number | null)[]): (number | null)[] {
  let last: number | null = null;
  return counts.map((count) => (last = count ?? last));
}

function timelineOf({ lastNight }: PageState): PageData['timeline'] {
  if (!lastNight) return [];
  const begin = Math.min(...lastNight.spans.map(({ from }) => Date.parse(from)));
  const seconds = (at: string) => (Date.parse(at) - begin) / 1_000;
  return lastNight.spans.map(({ stream, from, to }) => ({
    stream,
    from: seconds(from),
    to: seconds(to),
    status: letters[lastNight.report.tables[stream]?.status ?? 'complete'],
  }));
}

/** Incomplete tables of the last nightly run that have no span: the run could not begin to read them. */
function notReadIn(state: PageState, streams: PageContext['streams']): PageData['notRead'] {
  const { lastNight } = state;
  const begun = new Set(lastNight?.spans.map(({ stream }) => stream));
  return tablesInOrder(state, streams).flatMap((stream) => {
    const report = lastNight?.report.tables[stream];
    if (!report || report.status === 'complete' || begun.has(stream)) return [];
    return [{ stream, status: letters[report.status], lastRead: lastRead(lastNight.hours[stream]) }];
  });
}

function lastRead(hours: number | undefined): string {
  if (hours === undefined) return 'never read';
  return hours * 60 < 1 ? 'last read moments earlier' : `last read ${duration(hours * 3_600)} earlier`;
}

/**
 * The stages of the named query `lead_funnel`, except that a lead can be qualified without an answer.
 * @param messages undefined if they were not read
 */
function funnelOf(leads: TableCounts, messages: TableCounts | undefined): PageData['funnel'] {
  return [
    { stage: 'Known', leads: leads.rows },
    ...(messages
      ? [
          { stage: 'Written to or called', leads: messages.contacted },
          { stage: 'Answered', leads: messages.answered },
        ]
      : []),
    { stage: 'Qualified, answered or not', leads: leads.isTrue },
  ];
}

function recentWeeks({ weeks }: TableCounts, now: Date): PageData['messages'] {
  const first = firstWeek(now, weeksPlotted);
  const recent = weeks.filter(({ week }) => week >= first);
  const totals = new Map<string, number>();
  for (const { category, rows } of recent) totals.set(category, (totals.get(category) ?? 0) + rows);
  const largest = [...totals].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const own = new Set(largest.slice(0, categoriesPlotted).map(([category]) => category));
  const merged = new Map<string, PageData['messages'][number]>();
  for (const { week, category, rows } of recent) {
    const shown = own.has(category) ? category : otherCategory;
    const key = `${week} ${shown}`;
    merged.set(key, { week, category: shown, rows: rows + (merged.get(key)?.rows ?? 0) });
  }
  return [...merged.values()];
}
