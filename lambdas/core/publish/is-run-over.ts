import { roundKey } from '../../contract/object-keys.ts';
import type { Round } from '../../contract/run.ts';
import type { ObjectStore } from '../ports.ts';
import { writeJson } from '../store/stored-json.ts';
import type { RunEvidence } from './read-evidence.ts';
import type { RunTree } from './run-tree.ts';

/** True if a run is published whatever is still outstanding: a person has aborted it, or its deadline has passed. */
export function isCutOff({ aborted }: RunEvidence, { overdue }: RunTree): boolean {
  return aborted !== undefined || overdue;
}

/**
 * Decides that a run is over: nothing is outstanding or the run is cut off, and no other check has added work. Call it
 * when no further round is due.
 */
export async function isRunOver(evidence: RunEvidence, tree: RunTree, store: ObjectStore): Promise<boolean> {
  return (tree.outstanding === 0 || isCutOff(evidence, tree)) && claimEnd(evidence, store);
}

/**
 * Ends the run's rounds by storing an empty round under the next number. So no check can end the run while another one,
 * which knows of more work, adds a round.
 * @returns false if another check took the number first, to add a round or to end the run
 */
async function claimEnd({ plan, rounds }: RunEvidence, store: ObjectStore): Promise<boolean> {
  const last: Round = { round: rounds + 1, tasks: [] };
  return writeJson(store, roundKey(plan.runId, last.round), last, { ifAbsent: true });
}
