import type { Assembled } from '../assemble.ts';
import type { FalseAnswer } from '../false-answers.ts';
import type { Night, Refresh } from './nights.ts';
import type { KeyTimeline } from './timeline.ts';

type Time = Pick<Night | Refresh, 'startedAt' | 'endedAt'>;

interface DenialRules {
  /** Whether the API has a path for one row. */
  readonly hasPath: boolean;
  readonly since: number;
  readonly until: number;
  readonly confirmAfterSeconds: number;
}

/** Tells which answers of the simulated API were true. The tables need not reflect a false answer. */
export class AnswerTrust {
  readonly #falseAnswers: readonly FalseAnswer[];
  /** Times at which a list with offset cursors changed, by table and parent id. */
  readonly #shifts = new Map<string, number[]>();

  constructor(simulated: Assembled, timelines: Iterable<KeyTimeline>) {
    this.#falseAnswers = simulated.falseAnswers.recorded;
    if (simulated.settings().cursors !== 'offset') return;
    for (const { table, parent, spans } of timelines) {
      const key = `${table} ${parent ?? ''}`;
      const times = this.#shifts.get(key) ?? [];
      for (const { from } of spans) if (from !== -Infinity) times.push(from);
      this.#shifts.set(key, times);
    }
  }

  /**
   * Whether a list that was read at a time can be trusted. It cannot if the API left out rows or falsely answered 404.
   * With offset cursors, it also cannot if a row of the list appeared, disappeared or moved during the read, because
   * the reader may have skipped other rows. One such change is harmless if the list was read twice: it disturbs at most
   * one of the two readings.
   */
  isListTrustworthy(
    table: string,
    parent: string | undefined,
    { startedAt, endedAt }: Time,
    isReadTwice = false,
  ): boolean {
    const isWithin = (at: number) => at >= startedAt && at <= endedAt;
    const shifts = new Set(this.#shifts.get(`${table} ${parent ?? ''}`)?.filter(isWithin));
    return (
      !this.#falseAnswers.some(
        (one) => one.table === table && one.parent === parent && one.id === undefined && isWithin(one.at),
      ) && shifts.size <= (isReadTwice ? 1 : 0)
    );
  }

  isRowTrustworthy(table: string, id: string, { startedAt, endedAt }: Time): boolean {
    return !this.#falseAnswers.some(
      (one) => one.table === table && one.id === id && one.at >= startedAt && one.at <= endedAt,
    );
  }

  /**
   * Whether the pipeline may take an existing row for deleted: only if the API denied the row twice, at least
   * `confirmAfterSeconds` apart. If the API has a path for one row, the second request must have been by id. Both
   * denials are at or after `since` and before `until`, so no true answer came between them. To deny a row, the API
   * answers 404 for it, or gives a list without it; an empty list of a whole table denies nothing. A row without a path
   * of its own may also be missing because the pages of an offset list shifted.
   */
  isDenied({ table, parent, id }: KeyTimeline, { hasPath, since, until, confirmAfterSeconds }: DenialRules): boolean {
    const isWithin = (at: number) => at >= since && at < until;
    const about = this.#falseAnswers.filter(
      (one) =>
        one.table === table && isWithin(one.at) && (one.id === undefined ? one.parent === parent : one.id === id),
    );
    const [first] = about.filter(({ what }) => what !== 'empty' || parent !== undefined);
    const shifts = this.#shifts.get(`${table} ${parent ?? ''}`) ?? [];
    if (!hasPath && shifts.some(isWithin)) return true;
    return about.some(
      (one) =>
        first !== undefined &&
        one.at - first.at >= confirmAfterSeconds * 1_000 &&
        (hasPath ? one.id === id : one.what !== 'empty' || parent !== undefined),
    );
  }
}
