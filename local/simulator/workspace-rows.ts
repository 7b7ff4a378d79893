import { campaigns } from './data/campaigns.ts';
import { iso } from './data/calendar.ts';
import { inbox } from './data/inbox.ts';
import { jobs } from './data/jobs.ts';
import { leadChildren } from './data/lead-children.ts';
import { LeadFacts, leadTable } from './data/leads.ts';
import { prospector } from './data/prospector.ts';
import { type KeyFacts, keyFields, singletons } from './data/singletons.ts';
import { type Row, SeedData } from './data/table.ts';
import { workspaceTables } from './data/workspace-tables.ts';
import { newRow } from './new-rows.ts';
import { Problem } from './problem.ts';
import { type StoredRow, StoredTable, type Version } from './stored-table.ts';

/** The settings that the workspace itself needs. */
export interface WorkspaceSettings extends KeyFacts {
  readonly lagMinutes: number;
  readonly quietParents: boolean;
  readonly losses: boolean;
}

export interface RowsOptions {
  readonly seed: number;
  readonly leads: number;
  /** Start times of the runs, oldest first. Before the first run there are only the rows made from the seed. */
  readonly epochs: readonly Date[];
  readonly numericIds?: boolean;
  readonly customFields?: boolean;
  readonly importErrorsPerRow?: number;
  readonly now: () => Date;
  readonly settings: () => WorkspaceSettings;
}

/** How a write differs from an ordinary one. */
export interface WriteOptions {
  /** Time of the write. @default now */
  readonly at?: number;
  /**
   * How long after the write the API still shows the previous state of the row.
   * @default `lagMinutes` of the workspace's settings
   */
  readonly lagMinutes?: number;
}

/**
 * The rows of the workspace: those made from the seed, and those written since. Every state of a row is kept, with the
 * moment from which the API shows it. Reads see the state that is shown now; writes change the newest state.
 */
export class WorkspaceRows {
  readonly seedData: SeedData;
  readonly leadFacts: LeadFacts;
  readonly #options: RowsOptions;
  readonly #tables: ReadonlyMap<string, StoredTable>;
  #made = 0;

  constructor(options: RowsOptions) {
    const { seed, leads, epochs, numericIds = false, customFields = false, importErrorsPerRow = 1 } = options;
    const seedData = new SeedData({ seed, leads, first: epochs[0], numericIds, importErrorsPerRow });
    const facts = new LeadFacts(seedData);
    this.#options = options;
    this.seedData = seedData;
    this.leadFacts = facts;
    const specs = [
      leadTable(seedData, facts, customFields),
      ...leadChildren(facts),
      ...inbox(seedData, facts),
      ...campaigns(seedData),
      ...prospector(seedData, facts),
      ...jobs(seedData),
      ...workspaceTables(seedData),
      ...Object.entries(singletons(seedData)).map(([name, row]) => ({ name, size: () => 1, row: () => row })),
    ];
    this.#tables = new Map(specs.map((spec) => [spec.name, new StoredTable(spec, seedData)]));
  }

  now(): number {
    return this.#options.now().getTime();
  }

  get settings(): WorkspaceSettings {
    return this.#options.settings();
  }

  /** A table by its name. @throws RangeError if there is no such table */
  hasTable(name: string): boolean {
    return this.#tables.has(name);
  }

  table(name: string): StoredTable {
    const table = this.#tables.get(name);
    // Answered as a path that does not exist, because a request that fails with 500 would be repeated.
    if (!table)
      throw new Problem(
        404,
        'not_found',
        `The simulator has no table '${name}': CONTRIBUTING.md, "Add a stream", step 3.`,
      );
    return table;
  }

  /** The row of a table that has only one, such as `identity`. */
  single(table: string): Row {
    const [stored] = this.table(table).below(undefined);
    const row = stored?.shown(this.now())?.row;
    if (!row) throw new RangeError(`The table '${table}' has no row.`);
    return table === 'identity' ? { ...row, ...keyFields(this.settings) } : row;
  }

  /** A row by id. Undefined unless the API shows the row and all rows above it at the moment `at`. */
  visibleRow(table: string, id: string, at = this.now()): StoredRow | undefined {
    const { spec } = this.table(table);
    const stored = this.#find(table, id);
    const version = stored?.shown(at);
    if (!version) return undefined;
    return spec.parent === undefined || this.visibleRow(spec.parent, version.parent, at) ? stored : undefined;
  }

  #find(table: string, id: string): StoredRow | undefined {
    const stored = this.table(table);
    if (!stored.get(id)) this.everyRow(table);
    return stored.get(id);
  }

  /** Every row that a table ever had. Rows that nothing has read yet are generated first. */
  everyRow(name: string): StoredRow[] {
    const table = this.table(name);
    const { parent } = table.spec;
    const parents = parent === undefined ? [undefined] : this.everyRow(parent);
    return [...new Set(parents.flatMap((above) => [...table.below(above)]))];
  }

  find(table: string, id: string): Row | undefined {
    return this.visibleRow(table, id)?.shown(this.now())?.row;
  }

  /** Id of the parent row; undefined if the row has no parent or does not exist. */
  parentOf(table: string, id: string): string | undefined {
    return this.visibleRow(table, id)?.shown(this.now())?.parent || undefined;
  }

  /**
   * Rows below a parent as shown now, in order of creation.
   * @param parent undefined for tables without a parent
   */
  rows(table: string, parent?: StoredRow): Row[] {
    const now = this.now();
    return Array.from(this.table(table).below(parent), (stored) => ({
      createdOrder: stored.createdOrder,
      shown: stored.shown(now),
    }))
      .flatMap(({ createdOrder, shown }) =>
        shown && shown.parent === (parent?.id ?? '') ? [{ createdOrder, row: shown.row }] : [],
      )
      .toSorted((a, b) => a.createdOrder - b.createdOrder)
      .map(({ row }) => row);
  }

  /** Creates a row. @throws RangeError if the parent does not exist */
  create(table: string, fields: Row, parent?: string, options: WriteOptions = {}): Row {
    const stored = this.table(table);
    const above = stored.spec.parent === undefined ? undefined : this.#newest(stored.spec.parent, parent ?? '');
    const times = this.times(options);
    const id = this.seedData.id(`${table}/made`, 0, ++this.#made);
    const row: Row = { ...newRow(table, id, new Date(times.writtenAt)), ...fields };
    // If the id is that of a deleted row, the write restores that row.
    const former = fields['id'] === undefined ? undefined : this.#find(table, String(fields['id']));
    if (former) stored.write(former, { row, parent: above?.id ?? '', ...times });
    else stored.addWritten(above, row, times);
    return row;
  }

  /**
   * Changes fields of a row. Sets `updated_at` to the time of the write, unless the fields contain it.
   * @throws RangeError if there is no such row
   */
  update(table: string, id: string, fields: Row, options: WriteOptions = {}): Row {
    const stored = this.#newest(table, id);
    const times = this.times(options);
    const row = { ...stored.latest?.row, updated_at: iso(times.writtenAt), ...fields };
    this.table(table).write(stored, { row, parent: stored.latest?.parent ?? '', ...times });
    return row;
  }

  /** Deletes a row. @returns false if there was no such row */
  remove(table: string, id: string, options: WriteOptions = {}): boolean {
    const stored = this.#find(table, id);
    if (!stored?.latest?.row || !this.#exists(table, stored)) return false;
    this.table(table).write(stored, { row: undefined, parent: stored.latest.parent, ...this.times(options) });
    return true;
  }

  /**
   * Restores a deleted row in its last state, with the rows that still belong to it.
   * @throws RangeError if it is not deleted
   */
  restore(table: string, id: string, fields: Row = {}, options: WriteOptions = {}): Row {
    const stored = this.#find(table, id);
    const last = stored?.versions.findLast(({ row }) => row !== undefined);
    if (!stored || !last || stored.latest?.row)
      throw new RangeError(`There is no deleted row of ${table} with this id.`);
    const row = { ...last.row, ...fields };
    stored.mergedInto = undefined;
    this.table(table).write(stored, { row, parent: last.parent, ...this.times(options) });
    return row;
  }

  /**
   * Merges a row into another of its table: its children move to the other row, and the row is deleted.
   * @param fields changed fields of the other row; if empty, the other row does not change
   */
  merge(name: string, id: string, into: string, fields: Row = {}, options: WriteOptions = {}): void {
    const [from, to] = [this.#newest(name, id), this.#newest(name, into)];
    const times = this.times(options);
    for (const table of this.#tables.values()) {
      if (table.spec.parent !== name) continue;
      for (const child of table.below(from)) {
        const { row, parent } = child.latest ?? {};
        if (row && parent === id) table.write(child, { row, parent: to.id, ...times });
      }
    }
    from.mergedInto = into;
    this.remove(name, id, options);
    if (Object.keys(fields).length > 0) this.update(name, into, fields, options);
  }

  /** A row by id, in its newest state. @throws RangeError if the row or a row above it is deleted in that state */
  #newest(table: string, id: string): StoredRow {
    const stored = this.#find(table, id);
    if (!stored || !this.#exists(table, stored)) throw new RangeError(`There is no row of ${table} with this id.`);
    return stored;
  }

  #exists(table: string, { latest }: StoredRow): boolean {
    const { parent } = this.table(table).spec;
    if (!latest?.row) return false;
    const above = parent === undefined ? undefined : this.#find(parent, latest.parent);
    return parent === undefined || (above !== undefined && this.#exists(parent, above));
  }

  /** The time of a write, and the time from which the API shows it. */
  times({
    at = this.now(),
    lagMinutes = this.settings.lagMinutes,
  }: WriteOptions): Pick<Version, 'writtenAt' | 'visibleAt'> {
    return { writtenAt: at, visibleAt: at + lagMinutes * 60_000 };
  }
}
