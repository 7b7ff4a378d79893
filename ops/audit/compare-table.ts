import type { ApiRow } from './read-api.ts';
import type { LakeRow } from './lake-state.ts';

/** Compares the rows of a table, given one by one by the API, with those of the lake, which was read before. */

export type DifferenceKind = 'missing' | 'stale' | 'ghost';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly key: string;
  /** Month of its last change, `YYYY-MM`; null where it tells no time. */
  readonly month: string | null;
  /** When the lake last read the row, where it did. */
  readonly lastReadAt: number | undefined;
}

/** Counts of the rows whose last change lies in a month. */
export interface Window {
  readonly month: string | null;
  api: number;
  missing: number;
  stale: number;
  ghosts: number;
  /** Changed since the lake was last brought up to date: the next run reads them. */
  notYetLoaded: number;
}

export class TableComparison {
  readonly #lake: ReadonlyMap<string, LakeRow>;
  readonly #watermark: number | undefined;
  readonly #seen = new Set<string>();
  readonly #differences = new Map<string, Difference>();
  readonly #windows = new Map<string | null, Window>();

  /** @param watermark start of the newest nightly run that has read the table completely, in milliseconds since the epoch; undefined: none has */
  constructor(lake: ReadonlyMap<string, LakeRow>, watermark: number | undefined) {
    this.#lake = lake;
    this.#watermark = watermark;
  }

  /** @param parentChangedAt of the row that it belongs to: with that it is read anew */
  see(row: ApiRow, parentChangedAt: number | null = null): void {
    if (this.#seen.has(row.key)) return;
    this.#seen.add(row.key);
    const window = this.#window(row.changedAt);
    window.api += 1;
    const stored = this.#lake.get(row.key);
    if (stored && !isOlder(stored, row)) return;
    const changed = Math.max(row.changedAt ?? -Infinity, parentChangedAt ?? -Infinity);
    if (this.#watermark === undefined || changed >= this.#watermark) {
      window.notYetLoaded += 1;
      return;
    }
    const kind = stored ? 'stale' : 'missing';
    window[kind] += 1;
    this.#add(kind, row.key, row.changedAt, stored?.lastReadAt);
  }

  /** A row that the API gives and that is not part of this audit. */
  pass(key: string): void {
    this.#seen.add(key);
  }

  /** Rows of the lake that the API has not given. */
  *unseen(): Generator<{ readonly key: string; readonly row: LakeRow }> {
    for (const [key, row] of this.#lake) if (!this.#seen.has(key)) yield { key, row };
  }

  /** A row of the lake that the API no longer has. */
  ghost(key: string): void {
    const row = this.#seen.has(key) ? undefined : this.#lake.get(key);
    if (!row) return;
    this.#window(row.changedAt).ghosts += 1;
    this.#add('ghost', key, row.changedAt, row.lastReadAt);
  }

  get differences(): readonly Difference[] {
    return [...this.#differences.values()];
  }

  /** Oldest first; rows without a time last. */
  get windows(): readonly Window[] {
    return [...this.#windows.values()].toSorted((a, b) => (a.month ?? '~').localeCompare(b.month ?? '~'));
  }

  #add(kind: DifferenceKind, key: string, changedAt: number | null, lastReadAt: number | undefined): void {
    this.#differences.set(key, { kind, key, month: monthOf(changedAt), lastReadAt });
  }

  #window(changedAt: number | null): Window {
    const month = monthOf(changedAt);
    const window = this.#windows.get(month) ?? { month, api: 0, missing: 0, stale: 0, ghosts: 0, notYetLoaded: 0 };
    this.#windows.set(month, window);
    return window;
  }
}

/** The lake as it is and, where that is another, as it will be once lost files are made again. */
export class Comparisons {
  readonly #all: readonly TableComparison[];

  constructor(now: TableComparison, afterwards: TableComparison | undefined) {
    this.#all = afterwards ? [now, afterwards] : [now];
  }

  see(row: ApiRow, parentChangedAt: number | null = null): void {
    for (const each of this.#all) each.see(row, parentChangedAt);
  }

  pass(key: string): void {
    for (const each of this.#all) each.pass(key);
  }

  /** Of either, each key once. */
  unseen(): { readonly key: string; readonly row: LakeRow }[] {
    const rows = new Map(this.#all.flatMap((each) => [...each.unseen()]).map((one) => [one.key, one]));
    return [...rows.values()];
  }

  ghost(key: string): void {
    for (const each of this.#all) each.ghost(key);
  }
}

/** The view shows the newest version by the source's time: one that is newer than the API's is no loss. */
function isOlder(stored: LakeRow, { updatedAt, digest }: ApiRow): boolean {
  if (updatedAt !== null) return stored.updatedAt === null || stored.updatedAt < updatedAt;
  return stored.updatedAt === null && stored.digest !== digest;
}

function monthOf(changedAt: number | null): string | null {
  return changedAt === null ? null : new Date(changedAt).toISOString().slice(0, 7);
}
