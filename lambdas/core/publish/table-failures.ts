import type { Failure } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import type { RunEvidence } from './read-evidence.ts';
import type { TaskNode } from './run-tree.ts';

/**
 * A table for which nothing was due sends no request that the API could refuse. The list of the key's scopes says that
 * it would have. If requests were sent, their answers count, not the list.
 */
export function notAllowed({ scope }: Stream, nodes: readonly TaskNode[], { plan }: RunEvidence): Failure[] {
  if (!plan.missingScopes?.includes(scope) || nodes.some(({ receipt }) => receipt?.askedAt)) return [];
  return [
    {
      code: 'forbidden',
      message: `The API does not list the scope ${scope} for the key. Give the key the scope ${scope}, or switch the stream off in the configuration.`,
      requestId: null,
    },
  ];
}

export function unstable({ name }: Stream, nodes: readonly TaskNode[]): Failure[] {
  const receipt = nodes.find((node) => node.receipt?.repeated)?.receipt;
  if (!receipt) return [];
  const message = `${receipt.repeated} of the ${receipt.rows} rows that the list of ${name} gave were repeated: its order changes from page to page, so about as many may be missing. No row is deleted because it is missing there. The next run reads the list again; if this lasts, report it to the vendor.`;
  return [{ code: 'unstable_list', message, requestId: null }];
}
