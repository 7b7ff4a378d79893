import type { Row } from './data/table.ts';

/** Positions of rows made while the simulator runs begin here: behind every computed one, whatever the epochs. */
export const firstMadePosition = 2 ** 40;

/** A row that stands over the computed one of its id, or beside them all. */
export interface Entry {
  readonly id: string;
  readonly row: Row;
  /** Id of the parent; empty for tables without one. */
  readonly parent: string;
  readonly position: number;
}

/**
 * What writes have changed in one table, held in memory over the computed rows. Entries are replaced and
 * never altered, so a copy of the maps is a snapshot.
 */
export class Overlay {
  /** Changed and made rows, by id. */
  readonly entries = new Map<string, Entry>();
  readonly removed = new Set<string>();
  readonly #made = new Map<string, string[]>();
  /** Rises with every write; 0 where there was none. */
  version = 0;

  copy(): Overlay {
    const copy = new Overlay();
    for (const [id, entry] of this.entries) copy.entries.set(id, entry);
    for (const id of this.removed) copy.removed.add(id);
    for (const [parent, ids] of this.#made) copy.#made.set(parent, [...ids]);
    copy.version = this.version;
    return copy;
  }

  get untouched(): boolean {
    return this.version === 0;
  }

  make(parent: string, id: string, row: Row): Entry {
    let siblings = this.#made.get(parent);
    if (!siblings) this.#made.set(parent, (siblings = []));
    const entry = { id, row, parent, position: firstMadePosition + siblings.length };
    siblings.push(id);
    this.set(entry);
    return entry;
  }

  set(entry: Entry): void {
    this.entries.set(entry.id, entry);
    this.removed.delete(entry.id);
    this.version += 1;
  }

  remove(id: string): void {
    this.entries.delete(id);
    this.removed.add(id);
    this.version += 1;
  }

  /** Rows made below a parent, from a position on, without those removed since. */
  *madeFrom(parent: string, position: number): Generator<Entry> {
    const ids = this.#made.get(parent) ?? [];
    for (let index = Math.max(0, position - firstMadePosition); index < ids.length; index += 1) {
      const entry = this.entries.get(ids[index] ?? '');
      if (entry) yield entry;
    }
  }
}
