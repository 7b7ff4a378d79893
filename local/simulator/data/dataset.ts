import { campaigns } from './campaigns.ts';
import { inbox } from './inbox.ts';
import { jobs } from './jobs.ts';
import { leadChildren } from './lead-children.ts';
import { Leads } from './leads.ts';
import { prospector } from './prospector.ts';
import { type KeyFacts, singletons } from './singletons.ts';
import { type ComputedTable, Ground, placeOfHandle, type Row } from './table.ts';
import { workspaceTables } from './workspace-tables.ts';

/** The whole computed workspace, as the last of its epochs left it. */
export class Dataset {
  readonly leads: Leads;
  readonly singletons: Readonly<Record<string, (key: KeyFacts) => Row>>;
  readonly #ground: Ground;
  readonly #tables: ReadonlyMap<string, ComputedTable>;

  constructor(seed: number, leadCount: number, epochs: readonly Date[]) {
    const ground = new Ground(seed, leadCount, epochs);
    this.#ground = ground;
    this.leads = new Leads(ground);
    this.singletons = singletons(ground);
    const tables: ComputedTable[] = [
      this.leads,
      ...leadChildren(ground, this.leads),
      ...inbox(ground, this.leads),
      ...campaigns(ground),
      ...prospector(ground, this.leads),
      ...jobs(ground),
      ...workspaceTables(ground),
    ];
    this.#tables = new Map(tables.map((table) => [table.name, table]));
  }

  get seed() {
    return this.#ground.seed;
  }

  table(name: string): ComputedTable {
    const table = this.#tables.get(name);
    if (!table) throw new RangeError(`The simulator has no table '${name}'.`);
    return table;
  }

  /** Handles of all rows of a table, before any write. */
  *handles(table: ComputedTable): Generator<number> {
    if (table.parent === undefined) {
      const size = table.size(0);
      for (let position = 0; position < size; position += 1) yield table.handle(0, position);
      return;
    }
    for (const above of this.handles(this.table(table.parent))) {
      const size = table.size(above);
      for (let position = 0; position < size; position += 1) yield table.handle(above, position);
    }
  }

  /** Rows of a table, before any write. */
  count(table: ComputedTable): number {
    if (table.parent === undefined) return table.size(0);
    let count = 0;
    for (const above of this.handles(this.table(table.parent))) count += table.size(above);
    return count;
  }

  /** Ids of the rows above a place, nearest first; undefined where the place is outside of the workspace. */
  ancestors(table: ComputedTable, parent: number, position: number): string[] | undefined {
    if (table.parent === undefined) return parent === 0 && position < table.size(0) ? [] : undefined;
    const above = this.table(table.parent);
    const place = above.parent === undefined ? { parent: 0, position: parent } : placeOfHandle(parent);
    const further = this.ancestors(above, place.parent, place.position);
    if (!further || position >= table.size(parent)) return undefined;
    return [above.id?.(place.parent, place.position) ?? '', ...further];
  }
}
