/** What a run says about deletions that it held back: what it saw, and how to approve them. */

import type { PipelineState } from '../../contract/pipeline-state.ts';
import { type LeftByRun, leftByRuns } from './left-by-runs.ts';

const untouched = ' Nothing was deleted.';

/** @param seen a sentence about the rows that are missing from the tables */
export function heldMessage(seen: string, tables: readonly string[], runId: string): string {
  return `${seen}${approval(tables, runId)}`;
}

/** One message for several tables, with one command. */
export function heldTogether(messages: readonly string[], tables: readonly string[], runId: string): string {
  return heldMessage(messages.map(withoutApproval).join(' '), tables, runId);
}

/** The message without the command, for example for the person who has just typed it. */
export function withoutApproval(message: string): string {
  return message.split(untouched)[0] ?? '';
}

function approval(tables: readonly string[], runId: string): string {
  return `${untouched} See which of these rows the API still gives: npx prospect-lake ops audit --stream ${tables.join(',')}. If they exist, and the API’s lists are whole again, this settles it: npx prospect-lake ops run --full-refresh. If they are deleted in ProspectB2B, approve it: npx prospect-lake ops approve-deletions --run ${runId}.`;
}

/** Deletions that runs held back and that nothing has settled since. */
export function standingDeletions(held: PipelineState['held'] = {}): LeftByRun[] {
  return leftByRuns(Object.entries(held), (found, runId) => {
    const tables = found.map(([table]) => table);
    const messages = found.map(([, { message }]) => message);
    return `In the run ${runId}: ${heldTogether(messages, tables, runId)}`;
  });
}
