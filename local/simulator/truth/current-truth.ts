import { streamNamed } from '../../../lambdas/streams/registry.ts';
import type { Assembled } from '../assemble.ts';
import { Belief } from './belief.ts';
import { childrenAsked } from './children-asked.ts';
import type { CurrentRow } from './content.ts';
import type { Asked, History } from './history.ts';
import type { Night, Refresh, Rules } from './nights.ts';
import { rootsAsked } from './roots-asked.ts';
import { keyOf, type Looks, plainLooks, type Span, spansIn, Timelines, type Unit } from './timeline.ts';

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
 * - A list that gives no row at all empties no table.
 * - Nothing is there that the API never showed.
 */
export class CurrentTruth {
  readonly #simulated: Assembled;
  readonly #rules: Rules;
  readonly #looks: Looks;
  readonly #nights: Night[] = [];
  readonly #refreshes: Refresh[] = [];

  /** @param looks how the API gives the rows of the workspace */
  constructor(simulated: Assembled, rules: Rules, looks: Looks = plainLooks) {
    this.#simulated = simulated;
    this.#rules = rules;
    this.#looks = looks;
  }

  nightEnded(night: Night): void {
    this.#nights.push(night);
  }

  refreshEnded(refresh: Refresh): void {
    this.#refreshes.push(refresh);
  }

  /** What is wrong with the current tables now. @param rowsOf the rows of a current table */
  async faults(rowsOf: (table: string) => Promise<readonly CurrentRow[]>): Promise<string[]> {
    const units = this.#units();
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

  /** What is wrong with the tables that the last night read if each must be exactly what the API shows now. */
  async differences(rowsOf: (table: string) => Promise<readonly CurrentRow[]>): Promise<string[]> {
    const faults: string[] = [];
    for (const [table, units] of this.#units()) {
      const reading = this.#nights.at(-1)?.tables.get(table);
      if (reading === undefined) continue;
      const current = byKey(table, await rowsOf(table));
      for (const { key, spans } of units) {
        const look = spans.at(-1)?.look;
        const row = current.get(key);
        if (look && !row) faults.push(`${table} ${key} is missing`);
        if (look && row && !look.isSaidBy(row)) faults.push(`${table} ${key} is not as it is shown`);
        if (look) current.delete(key);
      }
      const isEmpty = units.every(({ spans }) => !spans.at(-1)?.look);
      if (reading !== 'complete' || (isEmpty && !streamNamed(table).parent)) continue;
      for (const key of current.keys()) faults.push(`${table} ${key} should not be there`);
    }
    return faults;
  }

  /** Rows of a current table that the API does not show now; `isEmpty`: it shows none at all. */
  unshown(table: string, rows: readonly CurrentRow[]): { readonly count: number; readonly isEmpty: boolean } {
    const units = this.#units().get(table) ?? [];
    const shown = new Set(units.flatMap(({ key, spans }) => (spans.at(-1)?.look ? [key] : [])));
    return { count: [...byKey(table, rows).keys()].filter((key) => !shown.has(key)).length, isEmpty: shown.size === 0 };
  }

  /** By table, parents first. */
  #units(): Map<string, Unit[]> {
    const timelines = new Timelines(this.#simulated, this.#looks);
    const tables = this.#rules.tables.toSorted((a, b) => ancestors(a) - ancestors(b));
    return new Map(tables.map((table) => [table, timelines.of(streamNamed(table))]));
  }
}

function ancestors(table: string): number {
  const { parent } = streamNamed(table);
  return parent ? 1 + ancestors(parent.stream) : 0;
}

/** Rows of a current table by the key that their units have. */
function byKey(table: string, rows: readonly CurrentRow[]): Map<string, CurrentRow> {
  const { parent, columns, key } = streamNamed(table);
  const ordinals = new Map<string, number>();
  const last = key.at(-1) ?? '';
  return new Map(
    rows
      .toSorted((a, b) => Number(a[last]) - Number(b[last]))
      .map((row) => {
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

  /**
   * Whether what is not there must be gone from the table: its own place was asked about, or that of a row above it.
   * A list that gives no row at all empties no table.
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
