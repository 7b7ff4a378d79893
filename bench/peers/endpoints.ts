/** What each peer reads: the streams of the registry, in a form from which a peer's configuration is made. */

import type { Stream } from '../../lambdas/contract/stream.ts';
import { streams } from '../../lambdas/streams/registry.ts';

export interface Endpoint {
  readonly name: string;
  /** Path below the base URL, with `{}` for the id of the parent's row. */
  readonly path: string;
  /** Name of the parent's endpoint; null if the path has no parameter. */
  readonly parent: string | null;
  /** Names of the columns that identify a row within one answer. */
  readonly key: readonly string[];
  readonly isList: boolean;
  /** Whether the list has a `limit` parameter. */
  readonly hasLimit: boolean;
}

function endpointOf({ name, path, parent, key, shape, limit }: Stream): Endpoint {
  return {
    name,
    path: path.replace(/\{\w+\}/, '{}'),
    parent: parent?.stream ?? null,
    key,
    isList: shape === 'list',
    hasLimit: limit === true,
  };
}

/** All streams of the API, parents before their children. */
export const endpoints: readonly Endpoint[] = streams.map(endpointOf);
