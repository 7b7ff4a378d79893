import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { childrenAsked } from './children-asked.ts';
import type { CurrentRow } from './content.ts';
import type { Asked, History } from './history.ts';
import { rootsAsked } from './roots-asked.ts';
import { type Span, spansIn, type Unit } from './timeline.ts';

const hour = 3_600_000;

/** Compares what a current table holds under one key with what the API showed, and when it was asked. */
export class Judge {
  readonly #history: History;
  readonly #asked = new Map<string, Asked>();

  constructor(history: History) {
    this.#history = history;
  }

  /** What is wrong with the row that a current table holds under a key; undefined if nothing is. */
  faultOf(unit: Unit, row: CurrentRow | undefined): string | undefined {
    const since = Math.max(-Infinity, ...this.#questionsOf(unit));
    const possible = spansIn(unit, since, Infinity);
    const shown = possible.filter((span) => span.row !== undefined);
    const told = `asked at ${timeText(since)}, shown ${possible.map(spanText).join(', ')}`;
    if (!row) return this.#mayBeMissing(unit) ? undefined : `is missing: ${told}`;
    if (shown.length === 0 && this.#isGone(unit)) return `should be gone: ${told}`;
    const states = shown.length > 0 ? shown : unit.spans;
    const isRight = states.some(({ look }) => look?.isSaidBy(row));
    return isRight ? undefined : `is ${JSON.stringify(row, plainly)}: ${told}`;
  }

  #askedOf(unit: Unit): Asked {
    const key = unit.parent === undefined ? `${unit.table} ${unit.key}` : `${unit.table} below ${unit.parent}`;
    let asked = this.#asked.get(key);
    if (!asked) {
      asked =
        unit.parent === undefined
          ? rootsAsked(unit, this.#history)
          : childrenAsked(unit.table, this.#parentsOf(unit), this.#history, (parent) => this.#askedOf(parent));
      this.#asked.set(key, asked);
    }
    return asked;
  }

  #parentsOf({ table, parent }: Unit): Unit[] {
    const above = streamNamed(table).parent?.stream;
    return above === undefined ? [] : this.#history.unitsOf(above).filter(({ id }) => id === parent);
  }

  /**
   * Times of the questions that decide what is current. Of two copies read within `lookbackHours`, the one with the
   * later `updated_at` is current, whichever was read last. So a question decides nothing if `updated_at`
   * went back within the `lookbackHours` before it.
   */
  #questionsOf(unit: Unit): number[] {
    const { content, named } = this.#askedOf(unit);
    const { spans } = unit;
    const wentBack = spans.filter((span, index) =>
      spans
        .slice(0, index)
        .some(({ row, updated }) => row && updated !== undefined && updated > (span.updated ?? Infinity)),
    );
    const span = this.#history.rules.lookbackHours * hour;
    return [...content.map(({ at }) => at), ...named].filter(
      (at) => !wentBack.some(({ from }) => at > from && at <= from + span),
    );
  }

  /**
   * A row may be missing if it was never surely asked for, did not exist at some moment since, or was denied. The same
   * holds if its parent may be missing.
   */
  #mayBeMissing(unit: Unit): boolean {
    const { trust, rules } = this.#history;
    const questions = this.#questionsOf(unit);
    const since = Math.max(-Infinity, ...questions);
    const hasPath = streamNamed(unit.table).byId !== undefined;
    const { confirmAfterSeconds } = rules;
    return (
      questions.length === 0 ||
      spansIn(unit, since, Infinity).some(({ row }) => row === undefined) ||
      trust.isDenied(unit, { hasPath, since, confirmAfterSeconds }) ||
      this.#parentsOf(unit).some((parent) => this.#mayBeMissing(parent))
    );
  }

  /**
   * Whether a row that does not exist must be deleted from the table: the API was surely asked about it or about a row
   * above it. A list without any row empties no table.
   */
  #isGone(unit: Unit): boolean {
    if (unit.parent === undefined && this.#history.unitsOf(unit.table).every(({ spans }) => !spans.at(-1)?.row))
      return false;
    const isAbsent = ({ at }: { at: number }) => spansIn(unit, at, Infinity).every(({ row }) => row === undefined);
    const parents = this.#parentsOf(unit);
    return (
      this.#askedOf(unit).absence.some(isAbsent) ||
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
