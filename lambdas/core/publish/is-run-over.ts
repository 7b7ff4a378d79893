import { roundKey } from '../../contract/object-keys.ts';
import type { Round } from '../../contract/run.ts';
import type { ObjectStore } from '../ports.ts';
import { writeJson } from '../store/stored-json.ts';
import type { RunEvidence } from './read-evidence.ts';
import type { RunTree } from './run-tree.ts';

export interface EndPorts {
  readonly store: ObjectStore;
  /**
   * Set if no other invocation knows of the run's rounds and receipts: stores them as its only round. @returns false if
   * another check stored a round first
   */
  readonly storeWhole?: (round: Round) => Promise<boolean>;
}

/** True if a run is published whatever is still outstanding: a person has aborted it, or its deadline has passed. */
export function isCutOff({ aborted }: RunEvidence, { overdue }: RunTree): boolean {
  return aborted !== undefined || overdue;
}

/**
 * Decides that a run is over: nothing is outstanding or the run is cut off, and no other check has added work. Call it
 * when no further round is due.
 */
export async function isRunOver(evidence: RunEvidence, tree: RunTree, ports: EndPorts): Promise<boolean> {
  return (tree.outstanding === 0 || isCutOff(evidence, tree)) && claimEnd(evidence, ports);
}

/**
 * Ends the run's rounds by storing an empty round under the next number, or all that was not stored under the first. So no check can end the run while another one,
 * which knows of more work, adds a round.
 * @returns false if another check took the number first, to add a round or to end the run
 */
async function claimEnd(
  { plan, tasks, rounds, extractReceipts }: RunEvidence,
  { store, storeWhole }: EndPorts,
): Promise<boolean> {
  if (storeWhole)
    return storeWhole({ round: 1, tasks: tasks.slice(plan.tasks.length), receipts: [...extractReceipts.values()] });
  const last: Round = { round: rounds + 1, tasks: [] };
  return writeJson(store, roundKey(plan.runId, last.round), last, { ifAbsent: true });
}
