import { applyOneDay } from './day.ts';
import { type Listed, type Order, sortedRows } from './listing.ts';
import type { StoredRow } from './stored-table.ts';
import { type RowsOptions, WorkspaceRows } from './workspace-rows.ts';

interface Kept {
  readonly changes: number;
  readonly order: Order;
  /** Time at which the next pending change becomes visible. Until then the sorted rows stay valid. */
  readonly until: number;
  readonly rows: readonly Listed[];
}

/** The simulated workspace: its rows, its sorted lists, and the runs on it. */
export class Workspace extends WorkspaceRows {
  #epoch = 0;
  #latest: number;
  /** Each list as it was last sorted, by table and parent id. */
  readonly #lists = new Map<string, Kept>();

  /** @throws RangeError if there are no epochs, or two are less than 20 ms apart */
  constructor(options: RowsOptions) {
    super(options);
    this.#latest = this.seedData.calendar.first;
    for (const epoch of options.epochs.slice(1)) this.advance(epoch);
  }

  /**
   * Adds an epoch, which is the start time of a run, and makes the changes that happen in the workspace before that
   * run.
   * @throws RangeError if the epoch is not at least 20 ms after the previous one
   */
  advance(epoch: Date): void {
    this.#epoch += 1;
    applyOneDay(this, { number: this.#epoch, from: this.#latest, to: epoch.getTime() });
    this.#latest = epoch.getTime();
  }

  /** Start of the latest run, in milliseconds since 1970. */
  get latestEpoch(): number {
    return this.#latest;
  }

  /** The rows of a list as shown now, in the order of its pages. */
  listing(name: string, parent: StoredRow | undefined, order: Order): readonly Listed[] {
    const table = this.table(name);
    const key = `${name} ${parent?.id ?? ''}`;
    const now = this.now();
    const kept = this.#lists.get(key);
    if (kept && kept.changes === table.changes && kept.order === order && now < kept.until) return kept.rows;
    const stored = table.below(parent);
    const rows = sortedRows(stored, parent?.id ?? '', order, now);
    let until = Infinity;
    for (const { versions } of stored)
      for (const { visibleAt } of versions) if (visibleAt > now && visibleAt < until) until = visibleAt;
    this.#lists.set(key, { changes: table.changes, order, until, rows });
    return rows;
  }
}
