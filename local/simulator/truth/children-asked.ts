import {
  alsoDeletes,
  type History,
  isCurrentAfter,
  type Question,
  type QuestionTimes,
  readsTwice,
  surelyCounts,
} from './history.ts';
import type { Night } from './nights.ts';
import { guaranteedSince } from './rota.ts';
import { type KeyTimeline, type PresentedRow, type Span, spansIn } from './timeline.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** Parent tables whose children the pipeline reads every night. */
const everyNight = new Set(['campaigns', 'prospector_workflows']);
/** Parent tables whose children the pipeline reads every night until the parent has not changed for `settledDays`. */
const untilSettled = new Set(['jobs', 'imports', 'campaign_runs', 'prospector_runs']);

/** A row whose changes make the pipeline read the children. */
interface Cause {
  readonly timeline: KeyTimeline;
  readonly changes: readonly Span[];
}

/**
 * When the pipeline surely read the rows of a table below one parent:
 * - after it read a parent that is new or has changed; and again the next night, unless the change was older than
 *   `lookbackHours` when it was read: such a change counts as part of a first load
 * - messages of a lead: also after a change of a thread that names the lead
 * - every night: below campaigns and workflows, and below jobs, imports and runs that changed within `settledDays`
 * - at least once in `childRereadDays`
 * - at once, if an event names the lead
 */
export function childrenAsked(
  table: string,
  parents: readonly KeyTimeline[],
  history: History,
  questionTimesOf: (timeline: KeyTimeline) => QuestionTimes,
): QuestionTimes {
  const scope = new Scope(table, parents, history, questionTimesOf);
  return {
    content: scope.questions(isCurrentAfter),
    absence: scope.questions(alsoDeletes),
    eventTimes: scope.eventTimes(),
  };
}

class Scope {
  readonly #table: string;
  readonly #parents: readonly KeyTimeline[];
  readonly #history: History;
  readonly #questionTimesOf: (timeline: KeyTimeline) => QuestionTimes;
  readonly #id: string | undefined;

  constructor(
    table: string,
    parents: readonly KeyTimeline[],
    history: History,
    questionTimesOf: (timeline: KeyTimeline) => QuestionTimes,
  ) {
    this.#table = table;
    this.#parents = parents;
    this.#history = history;
    this.#questionTimesOf = questionTimesOf;
    this.#id = parents[0]?.id;
  }

  questions(counts: typeof isCurrentAfter): Question[] {
    const found = [
      ...this.#causes().flatMap(({ timeline, changes }) => {
        // A changed row that is not yet in its current table does not make the pipeline read its children.
        const seen = this.#questionTimesOf(timeline).content.filter(({ at }) =>
          surelyCounts(timeline, at, this.#history.rules),
        );
        return changes.flatMap((change) => this.#afterChange(change, seen, counts));
      }),
      ...this.#nightlyReadings(counts),
    ].toSorted((a, b) => a.by - b.by || a.at - b.at);
    return [...found, ...this.#rotaReadings(found[0], counts)];
  }

  eventTimes(): number[] {
    if (this.#parents[0]?.table !== 'leads') return [];
    const { refreshes, trust } = this.#history;
    return refreshes
      .filter(({ lead, tables }) => lead === this.#id && tables.get(this.#table) === 'complete')
      .filter(
        (run) => trust.isRowTrustworthy('leads', run.lead, run) && trust.isListTrustworthy(this.#table, this.#id, run),
      )
      .map(({ startedAt }) => startedAt);
  }

  #causes(): Cause[] {
    const own = this.#parents.map((timeline) => ({
      timeline,
      changes: timeline.spans.filter(({ row, isChange }) => row && isChange),
    }));
    const { rules } = this.#history;
    if (this.#table !== 'lead_messages' || !rules.tables.includes('inbox_threads')) return own;
    // The pipeline knows a lead only by the id that the API gives.
    const given = this.#parents.flatMap(({ spans }) => spans.flatMap(({ presented }) => presented?.id ?? []));
    const names = (thread: PresentedRow) => given.includes(thread.idIn('lead_id') ?? '');
    const naming = this.#history.timelinesOf('inbox_threads').map((timeline) => ({
      timeline,
      changes: timeline.spans.filter(({ presented, isChange }) => presented && isChange && names(presented)),
    }));
    return [...own, ...naming];
  }

  /**
   * Requests for the children, caused by a change of a row.
   * @param asked when the pipeline surely read the row that changed
   */
  #afterChange({ from: change, updated }: Span, asked: readonly Question[], counts: typeof isCurrentAfter): Question[] {
    const { nights, refreshes, rules } = this.#history;
    const seen = asked.filter(({ at }) => at >= change);
    if (seen.length === 0) return [];
    // The latest night that can read the change, and the latest night that can read the children because of it.
    const latest = Math.min(...seen.map(({ by }) => by));
    const reading = nights.findIndex((night, index) => index >= latest && isCurrentAfter(night, this.#table));
    const earliest = nights.findIndex(({ endedAt }) => endedAt >= change);
    if (reading === -1 || !this.#areListsTrustworthy(earliest, reading, change, counts)) return [];
    const began = (index: number) => nights[index]?.startedAt ?? Infinity;
    const isSure = seen.some(({ at, by }) => by === latest && at === began(latest));
    const events = refreshes.filter(
      ({ lead, startedAt, endedAt }) => lead === this.#id && endedAt >= change && startedAt < began(latest),
    );
    const isFirst = earliest === latest && events.length === 0;
    const ended = nights[latest]?.endedAt ?? Infinity;
    const isFresh = updated !== undefined && updated <= ended && ended - updated < rules.lookbackHours * hour;
    // Children are read again in the run after the first reading. That run is the night `latest` only if the first
    // reading was in the run just before it.
    const isOnceMore =
      latest - earliest + events.length <= 1 && events.every(({ startedAt }) => startedAt > began(latest - 1));
    if (
      !isSure ||
      !(isFirst || (isOnceMore && isFresh)) ||
      reading > latest + 1 ||
      (reading > latest && !(isFirst && isFresh))
    )
      return [{ at: isSure && isFirst ? began(latest) : change, by: reading }];
    const next = reading + 1;
    const isReadAgain = isFirst && isFresh && reading === latest && isCurrentAfter(nights[next], this.#table);
    return [
      { at: began(reading), by: reading },
      ...(isReadAgain && this.#areListsTrustworthy(next, next, change, counts) ? [{ at: began(next), by: next }] : []),
    ];
  }

  /**
   * Whether the API listed the children truthfully in the nights `from` to `to`, and in all refreshes after `since`.
   */
  #areListsTrustworthy(from: number, to: number, since: number, counts: typeof isCurrentAfter): boolean {
    const { nights, refreshes, trust } = this.#history;
    const runs = nights.slice(from, to + 1);
    return (
      runs.every((night, index) => this.#isListTrustworthy(night, from + index)) &&
      (counts === isCurrentAfter || runs.every((night) => counts(night, this.#table))) &&
      refreshes.every(
        (run) => run.lead !== this.#id || run.endedAt < since || trust.isListTrustworthy(this.#table, this.#id, run),
      )
    );
  }

  #isListTrustworthy(night: Night, by: number): boolean {
    const { nights, trust } = this.#history;
    return trust.isListTrustworthy(this.#table, this.#id, night, readsTwice(nights, by, this.#table));
  }

  /** Requests for the children in nights that read them although nothing changed. */
  #nightlyReadings(counts: typeof isCurrentAfter): Question[] {
    const { nights, rules } = this.#history;
    return nights.flatMap((night, by) => {
      const { startedAt, endedAt } = night;
      const isAsked = this.#parents.some((parent) => {
        const { content } = this.#questionTimesOf(parent);
        const isKnown = content.some((question) => question.by === by && question.at === startedAt);
        const isOpen = spansIn(parent, startedAt, endedAt).every(
          ({ row, updated }) =>
            row &&
            (everyNight.has(parent.table) ||
              (untilSettled.has(parent.table) &&
                updated !== undefined &&
                updated <= startedAt &&
                updated > startedAt - rules.settledDays * day)),
        );
        return isKnown && isOpen;
      });
      const isCounted = isCurrentAfter(night, this.#table) && counts(night, this.#table);
      return isAsked && isCounted && this.#isListTrustworthy(night, by) ? [{ at: startedAt, by }] : [];
    });
  }

  /**
   * Requests for the children in rotation, at least one in `childRereadDays`.
   * @param first the first request for the children
   */
  #rotaReadings(first: Question | undefined, counts: typeof isCurrentAfter): Question[] {
    if (!first) return [];
    const { nights, refreshes, rules, trust } = this.#history;
    const runs = [
      ...nights.map((night, by) => ({ ...night, by, isNight: true })),
      ...refreshes
        .filter(({ lead }) => lead === this.#id && this.#parents[0]?.table === 'leads')
        .map((run) => ({
          ...run,
          by: nights.filter(({ startedAt }) => startedAt < run.startedAt).length,
          isNight: false,
          isConfirmed: false,
          failedParents: new Map<string, number>(),
          onceOnly: new Set<string>(),
        })),
    ].toSorted((a, b) => a.startedAt - b.startedAt);
    const turns = runs.flatMap((run) => {
      const { startedAt, endedAt, by, isNight } = run;
      const isThere = this.#parents.some((parent) => spansIn(parent, startedAt, endedAt).every(({ row }) => row));
      if (by <= first.by || !isThere) return [];
      const isTrustworthy = counts(run, this.#table) && trust.isListTrustworthy(this.#table, this.#id, run);
      return [{ startedAt, isTrustworthy, mustRunIfDue: isNight && isCurrentAfter(run, this.#table), by }];
    });
    const since = { done: nights[first.by]?.startedAt ?? first.at, counted: first.at };
    return guaranteedSince(turns, rules.childRereadDays, since).map((at, index) => ({ at, by: turns[index]?.by ?? 0 }));
  }
}
