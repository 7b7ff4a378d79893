import type { Stream } from '../../contract/stream.ts';

/** A column that holds the id of a row of another table. */
export interface Join {
  readonly column: string;
  readonly table: string;
}

/** The joins of a stream: to its parent, and by columns that are named after another table. */
export function joinsOf({ parent, columns }: Stream, streams: readonly Stream[]): Join[] {
  const named = Object.keys(columns).flatMap((column) => {
    const target = streams.find(({ name, key }) => key.length > 0 && column === `${name.replace(/s$/, '')}_id`);
    return target ? [{ column, table: target.name }] : [];
  });
  return [...(parent ? [{ column: parent.key, table: parent.stream }] : []), ...named];
}

const treeRoot = 'workspace';

/** The tables that have a parent or children, as paths such as `workspace/leads/lead_messages`. */
export function joinPaths(streams: readonly Stream[]): string[] {
  const byName = new Map(streams.map((stream) => [stream.name, stream]));
  const pathOf = ({ name, parent }: Stream): string => {
    const above = parent && byName.get(parent.stream);
    return `${above ? pathOf(above) : treeRoot}/${name}`;
  };
  const parents = new Set(streams.flatMap(({ parent }) => parent?.stream ?? []));
  return streams.filter(({ name, parent }) => parent || parents.has(name)).map(pathOf);
}
