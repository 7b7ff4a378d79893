import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { childrenAsked } from './children-asked.ts';
import type { CurrentRow } from './content.ts';
import { type History, type QuestionTimes, surelyCounts } from './history.ts';
import { rootsAsked } from './roots-asked.ts';
import { type KeyTimeline, type Span, spansIn } from './timeline.ts';

/** Compares the row that a current table holds under one key with what the API showed when the pipeline asked. */
export class Judge {
  readonly #history: History;
  readonly #questionTimes = new Map<string, QuestionTimes>();

  constructor(history: History) {
    this.#history = history;
  }

  /** What is wrong with the row that a current table holds under a key; undefined if nothing is. */
  violationOf(timeline: KeyTimeline, row: CurrentRow | undefined): string | undefined {
    const since = Math.max(-Infinity, ...this.#questionsOf(timeline));
    const possible = spansIn(timeline, since, Infinity);
    const shown = possible.filter((span) => span.row !== undefined);
    const details = `asked at ${timeText(since)}, shown ${possible.map(spanText).join(', ')}`;
    if (!row) return this.#mayBeMissing(timeline) ? undefined : `is missing: ${details}`;
    if (shown.length === 0 && this.#isGone(timeline)) return `should be gone: ${details}`;
    const states = shown.length > 0 ? shown : timeline.spans;
    const isRight = states.some(({ presented }) => presented?.matches(row));
    return isRight ? undefined : `is ${JSON.stringify(row, plainly)}: ${details}`;
  }

  #questionTimesOf(timeline: KeyTimeline): QuestionTimes {
    const key =
      timeline.parent === undefined
        ? `${timeline.table} ${timeline.key}`
        : `${timeline.table} below ${timeline.parent}`;
    let questionTimes = this.#questionTimes.get(key);
    if (!questionTimes) {
      questionTimes =
        timeline.parent === undefined
          ? rootsAsked(timeline, this.#history)
          : childrenAsked(timeline.table, this.#parentsOf(timeline), this.#history, (parent) =>
              this.#questionTimesOf(parent),
            );
      this.#questionTimes.set(key, questionTimes);
    }
    return questionTimes;
  }

  #parentsOf({ table, parent }: KeyTimeline): KeyTimeline[] {
    const above = streamNamed(table).parent?.stream;
    return above === undefined ? [] : this.#history.timelinesOf(above).filter(({ id }) => id === parent);
  }

  /** Times of the requests that decide what is current. */
  #questionsOf(timeline: KeyTimeline): number[] {
    const { content, eventTimes } = this.#questionTimesOf(timeline);
    const { rules } = this.#history;
    return [...content.map(({ at }) => at), ...eventTimes].filter((at) => surelyCounts(timeline, at, rules));
  }

  /**
   * Whether a row may be missing from its current table: the pipeline never surely asked for it, it did not exist at
   * some moment since the pipeline last asked, or the API denied it. A row may also be missing if its parent was
   * missing meanwhile: it was deleted with the parent, and may not have been asked for since the parent came back.
   * @param from also accepts a row that was missing at some moment since then, but is back
   */
  #mayBeMissing(timeline: KeyTimeline, from = Infinity): boolean {
    const { trust, rules } = this.#history;
    const times = this.#questionsOf(timeline).toSorted((a, b) => a - b);
    const since = Math.min(from, times.at(-1) ?? -Infinity);
    const hasPath = streamNamed(timeline.table).byId !== undefined;
    const { confirmAfterSeconds } = rules;
    return (
      times.length === 0 ||
      spansIn(timeline, since, Infinity).some(({ row }) => row === undefined) ||
      times.some((asked, index) => {
        const until = times[index + 1] ?? Infinity;
        return until > since && trust.isDenied(timeline, { hasPath, since: asked, until, confirmAfterSeconds });
      }) ||
      this.#parentsOf(timeline).some((parent) => this.#mayBeMissing(parent, since))
    );
  }

  /**
   * Whether a row that no longer exists must be gone from the table: only if the pipeline surely asked for the row, or
   * for a row above it, after the deletion. A list without any row empties no table.
   */
  #isGone(timeline: KeyTimeline): boolean {
    if (
      timeline.parent === undefined &&
      this.#history.timelinesOf(timeline.table).every(({ spans }) => !spans.at(-1)?.row)
    )
      return false;
    const isAbsent = ({ at }: { at: number }) => spansIn(timeline, at, Infinity).every(({ row }) => row === undefined);
    const parents = this.#parentsOf(timeline);
    return (
      this.#questionTimesOf(timeline).absence.some(isAbsent) ||
      (parents.length > 0 && parents.every((parent) => this.#isGone(parent)))
    );
  }
}

function timeText(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString() : 'no time';
}

function spanText({ from, row }: Span): string {
  return `${row ? JSON.stringify(row) : 'nothing'} from ${timeText(from)}`;
}

function plainly(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
