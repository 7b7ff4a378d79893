import type { Stream } from '../lambdas/contract/stream.ts';
import { joinsOf } from '../lambdas/core/page/joins.ts';
import { childrenOf, streams } from '../lambdas/streams/registry.ts';

/** A pair of columns on which two tables join. */
interface TwoWayJoin {
  readonly column: string;
  readonly table: string;
  readonly on: string;
}

/** The joins of a stream: to the rows whose ids it contains, and to its own child rows. */
export function joinsBothWays(stream: Stream): TwoWayJoin[] {
  const up = joinsOf(stream, streams).map((join) => ({ ...join, on: 'id' }));
  const down = childrenOf(stream).map(({ name, parent }) => ({ column: 'id', table: name, on: parent?.key ?? '' }));
  return [...up, ...down];
}
