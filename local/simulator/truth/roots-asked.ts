import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { alsoDeletes, type History, isCurrentAfter, type Question, type QuestionTimes, readsTwice } from './history.ts';
import type { Night } from './nights.ts';
import { guaranteedSince } from './rota.ts';
import { type KeyTimeline, spansIn } from './timeline.ts';

const hour = 3_600_000;

/**
 * When the pipeline surely read a row of a table without a parent. It reads lists whole every night, except leads: of
 * these it reads only the changes, and the whole list at least once in `rereadDays`. It reads a lead at once if an
 * event names the lead.
 */
export function rootsAsked(timeline: KeyTimeline, history: History): QuestionTimes {
  const { refreshes, trust } = history;
  const named = timeline.table === 'leads' ? refreshes.filter(({ lead }) => lead === timeline.id) : [];
  return {
    content: nightsOf(timeline, history, isCurrentAfter),
    absence: nightsOf(timeline, history, alsoDeletes),
    eventTimes: named
      .filter(
        (refresh) =>
          refresh.tables.get('leads') === 'complete' && trust.isRowTrustworthy('leads', refresh.lead, refresh),
      )
      .map(({ startedAt }) => startedAt),
  };
}

function nightsOf(
  timeline: KeyTimeline,
  { nights, trust, rules, ...history }: History,
  counts: typeof isCurrentAfter,
): Question[] {
  const { table } = timeline;
  const read = nights.map((night, by) => ({ night, by })).filter(({ night }) => isCurrentAfter(night, table));
  const isTrustworthy = (night: Night, by: number) =>
    counts(night, table) && trust.isListTrustworthy(table, undefined, night, readsTwice(nights, by, table));
  if (!streamNamed(table).cursor)
    return read.flatMap(({ night, by }) => (isTrustworthy(night, by) ? [{ at: night.startedAt, by }] : []));
  const whole = guaranteedSince(
    read.map(({ night, by }) => ({
      startedAt: night.startedAt,
      isTrustworthy: isTrustworthy(night, by),
      mustRunIfDue: true,
    })),
    rules.rereadDays,
  );
  return read.flatMap(({ night, by }, index) => [
    ...(isTrustworthy(night, by) && isInWindow(timeline, by, { nights, trust, rules, ...history })
      ? [{ at: night.startedAt, by }]
      : []),
    ...whole.slice(index, index + 1).flatMap((at) => (at === -Infinity ? [] : [{ at, by }])),
  ]);
}

/**
 * Whether a night that reads changed leads surely reads this lead: the lead's time must pass the API's filter during
 * the whole night. The filter starts `lookbackHours` before the previous night. One second is added, because some
 * filters compare only whole seconds.
 */
function isInWindow(timeline: KeyTimeline, by: number, { nights, rules, simulated }: History): boolean {
  const night = nights[by];
  const before = nights.slice(0, by).findLast(({ tables }) => tables.has(timeline.table));
  if (!night || !before) return night !== undefined;
  const after = before.startedAt - rules.lookbackHours * hour + 1_000;
  const { filterBy } = simulated.settings();
  return spansIn(timeline, night.startedAt, night.endedAt).every(
    ({ row, updated, written }) => row && (filterBy === 'written' ? written : (updated ?? -Infinity)) > after,
  );
}
