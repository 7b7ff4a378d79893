import { streamNamed } from '../../../lambdas/streams/registry.ts';
import type { Assembled } from '../assemble.ts';
import { AnswerTrust } from './answer-trust.ts';
import type { CurrentRow } from './content.ts';
import { Judge } from './judge.ts';
import type { Night, Refresh, Rules } from './nights.ts';
import { keyOf, type KeyTimeline, type PresentRow, presentUnaltered, Timelines } from './timeline.ts';

/**
 * What the current tables must hold, derived from the simulated workspace alone: what the API showed, when it showed
 * it, and when the pipeline surely asked it. No code of the pipeline is used.
 *
 * - A row is as the API showed it when the pipeline last surely asked for it, or at some moment since.
 * - A row that existed at all these moments is in the table. A row that existed at none of them is deleted from the
 *   table, if nothing prevented the confirmation of its deletion.
 * - A row whose `updated_at` went back may keep its old state until it is read again `lookbackHours` later.
 * - An existing row is never deleted, unless the API denied it twice.
 * - A list without any row empties no table.
 * - The table has no row that the API never showed.
 */
export class CurrentTruth {
  readonly #simulated: Assembled;
  readonly #rules: Rules;
  readonly #presentRow: PresentRow;
  readonly #nights: Night[] = [];
  readonly #refreshes: Refresh[] = [];

  /** @param presentRow how the API presents the rows of the workspace */
  constructor(simulated: Assembled, rules: Rules, presentRow: PresentRow = presentUnaltered) {
    this.#simulated = simulated;
    this.#rules = rules;
    this.#presentRow = presentRow;
  }

  nightEnded(night: Night): void {
    this.#nights.push(night);
  }

  refreshEnded(refresh: Refresh): void {
    this.#refreshes.push(refresh);
  }

  /**
   * Everything that is wrong with the current tables now.
   * @param rowsOf reads the rows of a current table
   */
  async violations(rowsOf: (table: string) => Promise<readonly CurrentRow[]>): Promise<string[]> {
    const timelines = this.#timelines();
    const timelinesOf = (table: string) => timelines.get(table) ?? [];
    const judge = new Judge({
      simulated: this.#simulated,
      rules: this.#rules,
      nights: this.#nights,
      refreshes: this.#refreshes,
      trust: new AnswerTrust(this.#simulated, [...timelines.values()].flat()),
      timelinesOf,
    });
    const violations: string[] = [];
    for (const table of this.#rules.tables) {
      const current = byKey(table, await rowsOf(table));
      for (const timeline of timelinesOf(table)) {
        const violation = judge.violationOf(timeline, current.get(timeline.key));
        if (violation !== undefined) violations.push(`${table} ${timeline.key} ${violation}`);
        current.delete(timeline.key);
      }
      for (const key of current.keys()) violations.push(`${table} ${key} was never shown`);
    }
    return violations;
  }

  /**
   * How the current tables that the last night read differ from what the API shows now. If the night reports that it
   * could not read the children of some rows, the children of that many rows may differ.
   */
  async differences(rowsOf: (table: string) => Promise<readonly CurrentRow[]>): Promise<string[]> {
    const violations: string[] = [];
    const night = this.#nights.at(-1);
    for (const [table, timelines] of this.#timelines()) {
      if (night?.tables.get(table) === undefined) continue;
      const current = byKey(table, await rowsOf(table));
      const differing = new Map<string | undefined, string[]>();
      for (const { key, parent, spans } of timelines) {
        const presented = spans.at(-1)?.presented;
        const row = current.get(key);
        const isRight = !presented || (row && presented.matches(row));
        if (!isRight)
          differing.set(parent, [
            ...(differing.get(parent) ?? []),
            `${table} ${key} ${row ? 'is not as it is shown' : 'is missing'}`,
          ]);
        if (presented) current.delete(key);
      }
      if (differing.size > (night.failedParents.get(table) ?? 0)) violations.push(...[...differing.values()].flat());
      const isEmpty = timelines.every(({ spans }) => !spans.at(-1)?.presented);
      if (!this.#deletesIn(table) || (isEmpty && !streamNamed(table).parent)) continue;
      for (const key of current.keys()) violations.push(`${table} ${key} should not be there`);
    }
    return violations;
  }

  /** Whether the last night could delete rows of a table: only if it read the table and all its parents completely. */
  #deletesIn(table: string): boolean {
    const { parent } = streamNamed(table);
    const reading = this.#nights.at(-1)?.tables.get(table);
    return reading === 'complete' && (!parent || this.#deletesIn(parent.stream));
  }

  /** Counts the rows of a current table that the API does not show now. `isEmpty`: the API shows no row at all. */
  rowsNotShown(table: string, rows: readonly CurrentRow[]): { readonly count: number; readonly isEmpty: boolean } {
    const timelines = this.#timelines().get(table) ?? [];
    const shown = new Set(timelines.flatMap(({ key, spans }) => (spans.at(-1)?.presented ? [key] : [])));
    return { count: [...byKey(table, rows).keys()].filter((key) => !shown.has(key)).length, isEmpty: shown.size === 0 };
  }

  /** The timelines of all rows (every state that the API showed, and when), by table, parents first. */
  #timelines(): Map<string, KeyTimeline[]> {
    const timelines = new Timelines(this.#simulated, this.#presentRow);
    const tables = this.#rules.tables.toSorted((a, b) => ancestors(a) - ancestors(b));
    return new Map(tables.map((table) => [table, timelines.of(streamNamed(table))]));
  }
}

function ancestors(table: string): number {
  const { parent } = streamNamed(table);
  return parent ? 1 + ancestors(parent.stream) : 0;
}

/** Rows of a current table, by the key under which {@link Timelines} knows them. */
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
