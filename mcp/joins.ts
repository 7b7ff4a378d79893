import type { Stream } from '../lambdas/contract/stream.ts';
import { streams } from '../lambdas/streams/registry.ts';

/** A pair of columns on which two tables join. */
export interface Join {
  readonly column: string;
  readonly table: string;
  readonly on: string;
}

/** How the rows of a stream join others: with their parent, with their children, and with rows whose id they name. */
export function joinsOf(stream: Stream): Join[] {
  const { parent, name, columns } = stream;
  const up = parent ? [{ column: parent.key, table: parent.stream, on: 'id' }] : [];
  const named = Object.keys(columns).flatMap((column) => {
    const table = nameOfId(column);
    return table === undefined || table === name || column === parent?.key ? [] : [{ column, table, on: 'id' }];
  });
  const down = streams.flatMap((child) =>
    child.parent?.stream === name ? [{ column: 'id', table: child.name, on: child.parent.key }] : [],
  );
  return [...up, ...named, ...down];
}

/** The table whose id a column such as `lead_id` holds. Undefined if several tables could be meant. */
function nameOfId(column: string): string | undefined {
  const parents = streams.flatMap(({ parent }) => (parent?.key === column ? [parent.stream] : []));
  const plain = streams.filter(({ name }) => `${name.replace(/s$/, '')}_id` === column).map(({ name }) => name);
  const [only, ...others] = new Set([...parents, ...plain]);
  return others.length === 0 ? only : undefined;
}
