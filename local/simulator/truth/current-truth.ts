import { streamNamed } from '../../../lambdas/streams/registry.ts';
import type { Assembled } from '../assemble.ts';
import { Belief } from './belief.ts';
import { childrenAsked } from './children-asked.ts';
import { type CurrentRow, saysTheSame } from './content.ts';
import type { Asked, History } from './history.ts';
import type { Night, Refresh, Rules } from './nights.ts';
import { rootsAsked } from './roots-asked.ts';
import { keyOf, type Span, spansIn, type Unit, unitsOf } from './timeline.ts';

const hour = 3_600_000;

/**
 * What the current tables must hold, told by the workspace: by what the API showed, when, and when it was surely asked.
 * Nothing of the pipeline has a part in it.
 *
 * - A row is as it was shown when it was last surely asked for, or at some moment since.
 * - A row that was there at all these moments is there. A row that was there at none of them is gone, if nothing stood
 *   in the way of the second question.
 * - A row whose time went back may be as before until it is asked for `lookbackHours` after that.
 * - A row that is there is never gone, unless the API denied it twice.
 * - Nothing is there that the API never showed.
 */
export class CurrentTruth {
  readonly #simulated: Assembled;
  readonly #rules: Rules;
  readonly #nights: Night[] = [];
  readonly #refreshes: Refresh[] = [];

  constructor(simulated: Assembled, rules: Rules) {
    this.#simulated = simulated;
    this.#rules = rules;
  }

  nightEnded(night: Night): void {
    this.#nights.push(night);
  }

  refreshEnded(refresh: Refresh): void {
    this.#refreshes.push(refresh);
  }

  /** What is wrong with the current tables now. @param rowsOf the rows of a current table */
  async faults(rowsOf: (table: string) => Promise<readonly CurrentRow[]>): Promise<string[]> {
    const units = new Map(
      this.#rules.tables.map((table) => [table, unitsOf(this.#simulated, streamNamed(table))] as const),
    );
    const unitsOfTable = (table: string) => units.get(table) ?? [];
    const judge = new Judge({
      simulated: this.#simulated,
      rules: this.#rules,
      nights: this.#nights,
      refreshes: this.#refreshes,
      belief: new Belief(this.#simulated, [...units.values()].flat()),
      unitsOf: unitsOfTable,
    });
    const faults: string[] = [];
    for (const table of this.#rules.tables) {
      const current = byKey(table, await rowsOf(table));
      for (const unit of unitsOfTable(table)) {
        const fault = judge.faultOf(unit, current.get(unit.key));
        if (fault !== undefined) faults.push(`${table} ${unit.key} ${fault}`);
        current.delete(unit.key);
      }
      for (const key of current.keys()) faults.push(`${table} ${key} was never shown`);
    }
    return faults;
  }
}

/** Rows of a current table by the key that their units have. */
function byKey(table: string, rows: readonly CurrentRow[]): Map<string, CurrentRow> {
  const { parent, columns, key } = streamNamed(table);
  const ordinals = new Map<string, number>();
  const last = key.at(-1) ?? '';
  return new Map(
    rows.toSorted((a, b) => Number(a[last]) - Number(b[last])).map((row) => {
      const id = 'id' in columns ? String(row['id']) : undefined;
      return [keyOf(parent && String(row[parent.key]), id, row, ordinals), row];
    }),
  );
}

class Judge {
  readonly #history: History;
  readonly #asked = new Map<string, Asked>();

  constructor(history: History) {
    this.#history = history;
  }

  /** What is wrong with what a current table holds under a key; undefined if nothing is. */
  faultOf(unit: Unit, row: CurrentRow | undefined): string | undefined {
    const stream = streamNamed(unit.table);
    const { content, named } = this.#askedOf(unit);
    const questions = this.#decisive(unit, [...content.map(({ at }) => at), ...named]);
    const since = Math.max(-Infinity, ...questions);
    const possible = spansIn(unit, since, Infinity);
    const shown = possible.filter((span) => span.row !== undefined);
    const told = `asked at ${timeText(since)}, shown ${possible.map(spanText).join(', ')}`;
    const mayBeMissing = questions.length === 0 || shown.length < possible.length || this.#isDenied(unit, since);
    if (!row) return mayBeMissing ? undefined : `is missing: ${told}`;
    if (shown.length === 0 && this.#isGone(unit)) return `should be gone: ${told}`;
    const states = shown.length > 0 ? shown : unit.spans;
    const isRight = states.some((span) => span.row && saysTheSame(stream, row, span.row));
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

  /** Of two copies asked for within `lookbackHours`, the one with the later time is current, whichever was asked last. */
  #decisive({ spans }: Unit, times: readonly number[]): number[] {
    const wentBack = spans.filter((span, index) =>
      spans
        .slice(0, index)
        .some(({ row, updated }) => row && updated !== undefined && updated > (span.updated ?? Infinity)),
    );
    const span = this.#history.rules.lookbackHours * hour;
    return times.filter((at) => !wentBack.some(({ from }) => at > from && at <= from + span));
  }

  #isDenied(unit: Unit, since: number): boolean {
    const { belief, rules } = this.#history;
    const hasPath = streamNamed(unit.table).byId !== undefined;
    const { confirmAfterSeconds } = rules;
    return (
      belief.isDenied(unit, { hasPath, since, confirmAfterSeconds }) ||
      this.#parentsOf(unit).some((parent) => this.#isDenied(parent, since))
    );
  }

  /** Whether what is not there must be gone from the table: its own place was asked about, or that of a row above it. */
  #isGone(unit: Unit): boolean {
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
