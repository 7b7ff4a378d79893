import type { Stream } from '../../lambdas/contract/stream.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import type { Row } from './data/table.ts';
import { downloadReady } from './exports.ts';
import type { SimulatorSettings } from './options.ts';
import { formatTimes } from './format-times.ts';
import type { StoredRow } from './stored-table.ts';
import type { Workspace } from './workspace.ts';

export interface ExpectedRow {
  readonly table: string;
  /** Fields as the API gives them, and the id of the parent. */
  readonly row: Row;
}

/**
 * Knows the rows that a full read of the API would give now. It takes them from the workspace itself, so a bug of the
 * server or of the paging shows as a difference.
 */
export class Oracle {
  readonly #workspace: Workspace;
  readonly #settings: () => SimulatorSettings;

  constructor(workspace: Workspace, settings: () => SimulatorSettings) {
    this.#workspace = workspace;
    this.#settings = settings;
  }

  *expected(): Generator<ExpectedRow> {
    for (const { name } of streams) for (const row of this.rows(name)) yield { table: name, row };
  }

  /** @throws RangeError if no stream has this name */
  *rows(table: string): Generator<Row> {
    const { timeForm } = this.#settings();
    for (const row of this.#rows(streamNamed(table))) yield formatTimes(row, timeForm);
  }

  *#rows({ name, shape, parent, detail, numbered }: Stream): Generator<Row> {
    if (shape === 'single') yield this.#workspace.single(name);
    else if (name === 'leads') for (const { row } of this.#workspace.listing(name, undefined, 'changed')) yield row;
    else if (!parent)
      for (const row of this.#workspace.rows(name)) yield detail ? { ...row, download_ready: downloadReady(row) } : row;
    else
      for (const above of this.#parents(parent.stream))
        for (const row of withPositions(this.#workspace.rows(name, above), numbered))
          yield { [parent.key]: above.id, ...row };
  }

  *#parents(table: string): Generator<StoredRow> {
    for (const row of this.#rows(streamNamed(table))) {
      const located = this.#workspace.visibleRow(table, String(row['id']));
      if (located) yield located;
    }
  }

  /** Number of rows of each table. */
  counts(): Record<string, number> {
    return Object.fromEntries(streams.map(({ name }) => [name, this.rows(name).reduce((count) => count + 1, 0)]));
  }
}

/**
 * Numbers rows that have no id, such as import errors. The numbers start at 0 for each value of the field
 * `numbered.within` in a list.
 */
function* withPositions(rows: Iterable<Row>, numbered: Stream['numbered']): Generator<Row> {
  const seen = new Map<unknown, number>();
  for (const row of rows) {
    if (!numbered) {
      yield row;
      continue;
    }
    const position = seen.get(row[numbered.within]) ?? 0;
    seen.set(row[numbered.within], position + 1);
    yield { ...row, [numbered.column]: position };
  }
}
