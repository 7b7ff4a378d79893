import { type Id, parentNumberOf, type Row, type SeedData, type TableSpec } from './data/table.ts';
import { kindOf } from './data/seed.ts';

/** One state of a row, and when the API starts to show this state. */
export interface Version {
  /** The row in this state. Undefined: the row is deleted. */
  readonly row: Row | undefined;
  /** Id of the parent row; empty for tables without a parent. */
  readonly parent: string;
  /** When the state was written, in milliseconds since 1970; -Infinity if the row was there from the start. */
  readonly writtenAt: number;
  readonly visibleAt: number;
}

const always = { writtenAt: -Infinity, visibleAt: -Infinity };

/** A row with all its states, newest last. */
export class StoredRow {
  readonly id: string;
  /**
   * The row's children are generated from this number and the seed. Undefined for a row that a write created: it starts
   * without children.
   */
  readonly number: number | undefined;
  /** Order of creation. */
  readonly createdOrder: number;
  readonly versions: Version[];
  /** If the row was merged into another: the id of that other row. */
  mergedInto: string | undefined;

  constructor(id: string, number: number | undefined, createdOrder: number, first: Version) {
    this.id = id;
    this.number = number;
    this.createdOrder = createdOrder;
    this.versions = [first];
  }

  get latest(): Version | undefined {
    return this.versions.at(-1);
  }

  /** The state of the row that the API shows at a moment; undefined if the API does not show the row. */
  shown(at: number): (Version & { row: Row }) | undefined {
    const version = this.versions.findLast(({ visibleAt }) => visibleAt <= at);
    return version?.row ? { ...version, row: version.row } : undefined;
  }
}

/** The rows of one table. The rows below a parent are made from the seed when they are first read. */
export class StoredTable {
  readonly spec: TableSpec;
  /** Increases with every change. */
  changes = 0;
  readonly #seedData: SeedData;
  readonly #rows = new Map<string, StoredRow>();
  readonly #below = new Map<string, Set<StoredRow>>();
  /** Number of rows made from the seed, by the parent's id. */
  readonly #seededCounts = new Map<string, number>();

  constructor(spec: TableSpec, seedData: SeedData) {
    this.spec = spec;
    this.#seedData = seedData;
  }

  get(id: string): StoredRow | undefined {
    return this.#rows.get(id);
  }

  /**
   * Every row that ever had this parent, deleted rows included.
   * @param parent undefined for tables without a parent
   */
  below(parent: StoredRow | undefined): ReadonlySet<StoredRow> {
    const key = parent?.id ?? '';
    const siblings = this.#siblings(key);
    if (!this.#seededCounts.has(key)) {
      this.#seededCounts.set(key, 0);
      const isMade = parent !== undefined && parent.number === undefined;
      const size = isMade ? 0 : this.spec.size(parent?.number ?? 0);
      for (let position = 0; position < size; position += 1) this.#addSeeded(parent, always);
    }
    return siblings;
  }

  /**
   * Adds one more row made from the seed.
   * @param fields override the row's fields
   */
  addSeeded(parent: StoredRow | undefined, fields: Row, times: Pick<Version, 'writtenAt' | 'visibleAt'>): StoredRow {
    this.below(parent);
    this.changes += 1;
    return this.#addSeeded(parent, times, fields);
  }

  /** Adds a row created by a write. */
  addWritten(parent: StoredRow | undefined, row: Row, times: Pick<Version, 'writtenAt' | 'visibleAt'>): StoredRow {
    this.below(parent);
    this.changes += 1;
    const key = parent?.id ?? '';
    const id = String(row['id'] ?? `${key}/${this.#rows.size}`);
    return this.#add(new StoredRow(id, undefined, this.#rows.size, { ...times, row, parent: key }), key);
  }

  write(stored: StoredRow, version: Version): void {
    this.changes += 1;
    stored.versions.push(version);
    this.#siblings(version.parent).add(stored);
  }

  #addSeeded(parent: StoredRow | undefined, times: Pick<Version, 'writtenAt' | 'visibleAt'>, fields?: Row): StoredRow {
    const { name } = this.spec;
    const key = parent?.id ?? '';
    const position = this.#seededCounts.get(key) ?? 0;
    this.#seededCounts.set(key, position + 1);
    const parentNumber = parent?.number ?? 0;
    const id: Id = this.#seedData.id(name, parentNumber, position);
    const bits = this.#seedData.seed.bits(kindOf(name), parentNumber, position);
    const made = this.spec.row({ parentNumber, position, parent: parent?.versions[0]?.row }, bits, id);
    const number = parentNumberOf(parent !== undefined, parentNumber, position);
    const row = fields ? { ...made, ...fields } : made;
    const { writtenAt, visibleAt } = times;
    return this.#add(
      new StoredRow(String(id), number, this.#rows.size, { row, parent: key, writtenAt, visibleAt }),
      key,
    );
  }

  #add(stored: StoredRow, parent: string): StoredRow {
    this.#rows.set(stored.id, stored);
    this.#siblings(parent).add(stored);
    return stored;
  }

  #siblings(parent: string): Set<StoredRow> {
    let siblings = this.#below.get(parent);
    if (!siblings) this.#below.set(parent, (siblings = new Set()));
    return siblings;
  }
}
