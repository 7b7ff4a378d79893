import type { Stream } from '../../lambdas/contract/stream.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import type { Row } from './data/table.ts';
import { beginning, everything } from './lead-list.ts';
import { firstMadePosition } from './overlay.ts';
import { downloadReady } from './exports.ts';
import type { Located, Workspace } from './workspace.ts';

export interface ExpectedRow {
  readonly table: string;
  /** Fields as the API gives them, with the parent's key. */
  readonly row: Row;
}

/**
 * What a full read of the API would give now, told by the workspace itself: neither the server nor the
 * pages have a part in it. Rows come one by one, whatever the size of the workspace.
 */
export class Oracle {
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  *expected(): Generator<ExpectedRow> {
    for (const { name } of streams) for (const row of this.rows(name)) yield { table: name, row };
  }

  /** @throws RangeError where no stream has this name */
  *rows(table: string): Generator<Row> {
    const stream = streamNamed(table);
    if (stream.shape === 'single') {
      yield this.#workspace.single(table);
    } else if (stream.parent) {
      const { key, stream: parentTable } = stream.parent;
      for (const parent of this.#parents(parentTable)) {
        for (const { row } of this.#workspace.list(table, parent, -1)) yield { [key]: parent.id, ...row };
      }
    } else {
      for (const row of this.#roots(stream)) yield stream.detail ? { ...row, download_ready: downloadReady(row) } : row;
    }
  }

  *#roots({ name }: Stream): Generator<Row> {
    if (name === 'leads') for (const { row } of this.#workspace.leads.rows(everything, beginning)) yield row;
    else for (const { row } of this.#workspace.list(name, undefined, -1)) yield row;
  }

  *#parents(table: string): Generator<Located> {
    for (const row of this.rows(table)) {
      const located = this.#workspace.locate(table, String(row['id']));
      if (located) yield located;
    }
  }

  /** Rows of each table. */
  counts(): Record<string, number> {
    return Object.fromEntries(streams.map(({ name }) => [name, this.count(name)]));
  }

  count(table: string): number {
    const stream = streamNamed(table);
    if (stream.shape === 'single') return 1;
    if (!stream.parent) return this.#countRoots(table);
    if (this.#workspace.overlay(table).untouched && !this.#anyParentRemoved(stream)) {
      return this.#workspace.data.count(this.#workspace.data.table(table));
    }
    let count = 0;
    for (const _row of this.rows(table)) count += 1;
    return count;
  }

  #countRoots(table: string): number {
    const computed = this.#workspace.data.table(table);
    const { entries, removed } = this.#workspace.overlay(table);
    const gone = [...removed].filter((id) => computed.place?.(id)).length;
    const made = [...entries.values()].filter(({ position }) => position >= firstMadePosition).length;
    return this.#workspace.data.count(computed) - gone + made;
  }

  /** Rows made by writes have nothing computed below them, so only removals change the count of their children. */
  #anyParentRemoved({ parent }: Stream): boolean {
    if (!parent) return false;
    return (
      this.#workspace.overlay(parent.stream).removed.size > 0 || this.#anyParentRemoved(streamNamed(parent.stream))
    );
  }
}
