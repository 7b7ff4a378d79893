import type { Failure } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import type { MergeResult } from '../current/merge-input.ts';
import { heldMessage } from '../runs/held-deletions.ts';
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

/** Message that says why the guard against mass deletion held deletions back, and what an operator can do about it. */
export function heldBecause(
  runId: string,
  { name, parent, byId }: Stream,
  held: NonNullable<MergeResult['held']>,
): string {
  const seen = {
    empty_list: `The API gave an empty list of ${name}, but the table has ${held.rows} rows.`,
    too_many_missing: `The API no longer gave ${held.missing} of the ${held.rows} rows of ${name}.`,
    too_many_parents_missing: `${held.parentsMissing} of ${held.parents} rows of ${parent?.stream ?? name} answered 404.`,
  }[held.reason];
  const unasked = `The API gives no row of ${name} by its id, so an audit reads the same lists again and cannot tell a broken one from a deletion: compare`;
  const compare = parent ? `the ${name} of a few rows of ${parent.stream}` : 'them';
  return heldMessage(byId === undefined ? `${seen} ${unasked} ${compare} in ProspectB2B.` : seen, [name], runId);
}
