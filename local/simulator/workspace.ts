import { Dataset } from './data/dataset.ts';
import { kindOf } from './data/seed.ts';
import type { KeyFacts } from './data/singletons.ts';
import type { ComputedTable, Row } from './data/table.ts';
import { LeadList } from './lead-list.ts';
import { newRow } from './new-rows.ts';
import { type Entry, firstMadePosition, Overlay } from './overlay.ts';

export interface WorkspaceOptions {
  readonly seed: number;
  readonly leads: number;
  readonly epochs: readonly Date[];
  readonly now: () => Date;
  readonly key: () => KeyFacts;
}

/** A row that exists, as the parent of others. */
export interface Located {
  readonly id: string;
  /** Undefined for rows that a write made: nothing is computed below them. */
  readonly handle: number | undefined;
}

export interface Listed {
  readonly position: number;
  readonly row: Row;
}

/**
 * The workspace as it is now: the computed rows, and over them what was written since. Lists but that of
 * leads are in order of creation, and new rows come at their end, so a page that begins behind the last
 * row given neither repeats nor misses one.
 */
export class Workspace {
  #data: Dataset;
  #leadList: LeadList;
  #epochs: readonly Date[];
  readonly #options: WorkspaceOptions;
  readonly #overlays = new Map<string, Overlay>();
  #made = 0;

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#epochs = options.epochs;
    this.#data = new Dataset(options.seed, options.leads, options.epochs);
    this.#leadList = new LeadList(this.#data.leads, this.overlay('leads'));
  }

  get leads(): LeadList {
    return this.#leadList;
  }

  get data(): Dataset {
    return this.#data;
  }

  now(): Date {
    return this.#options.now();
  }

  /** One more epoch: the workspace changes as it would have for a run that starts then. */
  advance(epoch: Date): void {
    const epochs = [...this.#epochs, epoch];
    this.#data = new Dataset(this.#options.seed, this.#options.leads, epochs);
    this.#epochs = epochs;
    this.#leadList = new LeadList(this.#data.leads, this.overlay('leads'));
  }

  overlay(table: string): Overlay {
    let overlay = this.#overlays.get(table);
    if (!overlay) this.#overlays.set(table, (overlay = new Overlay()));
    return overlay;
  }

  /** The one row of a table such as `identity`. */
  single(table: string): Row {
    const row = this.#data.singletons[table];
    if (!row) throw new RangeError(`The simulator has no table '${table}'.`);
    return row(this.#options.key());
  }

  /** Undefined where there is no such row, or one above it is gone. */
  locate(table: string, id: string): Located | undefined {
    const computed = this.#data.table(table);
    const overlay = this.overlay(table);
    if (overlay.removed.has(id)) return undefined;
    const entry = overlay.entries.get(id);
    if (entry && entry.position >= firstMadePosition) {
      if (computed.parent !== undefined && !this.locate(computed.parent, entry.parent)) return undefined;
      return { id, handle: undefined };
    }
    const place = computed.place?.(id);
    const ancestors = place && this.#data.ancestors(computed, place.parent, place.position);
    if (!place || !ancestors || this.#anyRemoved(computed, ancestors)) return undefined;
    return { id, handle: computed.handle(place.parent, place.position) };
  }

  #anyRemoved(table: ComputedTable, ancestors: readonly string[]): boolean {
    let above = table.parent;
    for (const id of ancestors) {
      if (above === undefined) return false;
      if (this.overlay(above).removed.has(id)) return true;
      above = this.#data.table(above).parent;
    }
    return false;
  }

  find(table: string, id: string): Row | undefined {
    if (!this.locate(table, id)) return undefined;
    const computed = this.#data.table(table);
    const place = computed.place?.(id);
    return this.overlay(table).entries.get(id)?.row ?? (place && computed.row(place.parent, place.position));
  }

  /** Id of the row that this one belongs to; undefined where it has none or is not there. */
  parentOf(table: string, id: string): string | undefined {
    const computed = this.#data.table(table);
    const entry = this.overlay(table).entries.get(id);
    if (entry) return entry.parent;
    const place = computed.place?.(id);
    return place && this.#data.ancestors(computed, place.parent, place.position)?.[0];
  }

  /** @param after position of the last row given, -1 at the beginning */
  *list(table: string, parent: Located | undefined, after: number): Generator<Listed> {
    const overlay = this.overlay(table);
    const handle = parent ? parent.handle : 0;
    if (handle !== undefined) yield* this.#listComputed(this.#data.table(table), handle, after, overlay);
    if (overlay.untouched) return;
    for (const { position, row } of overlay.madeFrom(parent?.id ?? '', after + 1)) yield { position, row };
  }

  *#listComputed(table: ComputedTable, handle: number, after: number, overlay: Overlay): Generator<Listed> {
    const size = table.size(handle);
    for (let position = after + 1; position < size; position += 1) {
      const id = overlay.untouched ? undefined : table.id?.(handle, position);
      if (id !== undefined && overlay.removed.has(id)) continue;
      const written = id === undefined ? undefined : overlay.entries.get(id)?.row;
      yield { position, row: written ?? table.row(handle, position) };
    }
  }

  /** @throws RangeError where the parent is not there */
  create(table: string, fields: Row, parent?: string): Row {
    const computed = this.#data.table(table);
    if (computed.parent !== undefined && !this.locate(computed.parent, parent ?? '')) {
      throw new RangeError(`A row of ${table} needs a row of ${computed.parent}; there is none with the id given.`);
    }
    const id = this.#data.seed.id(kindOf(`${table}/made`), 0, ++this.#made);
    const row = { ...newRow(table, id, this.now()), ...fields };
    this.overlay(table).make(parent ?? '', String(row['id'] ?? id), row);
    return row;
  }

  /** @throws RangeError where there is no such row */
  update(table: string, id: string, fields: Row): Row {
    const current = this.find(table, id);
    if (!current) throw new RangeError(`There is no row of ${table} with this id.`);
    const row = { ...current, updated_at: this.now().toISOString(), ...fields };
    this.overlay(table).set({ ...this.#entryOf(table, id), row });
    return row;
  }

  #entryOf(table: string, id: string): Omit<Entry, 'row'> {
    const entry = this.overlay(table).entries.get(id);
    const position = entry?.position ?? this.#data.table(table).place?.(id)?.position ?? 0;
    return { id, position, parent: entry?.parent ?? this.parentOf(table, id) ?? '' };
  }

  /** @returns false where there was no such row */
  remove(table: string, id: string): boolean {
    if (!this.locate(table, id)) return false;
    this.overlay(table).remove(id);
    return true;
  }
}
