/** What a run says about deletions that it held back: what it saw, and how to approve them. */

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
  return `${untouched} See which of these rows the API still gives by id: npx prospect-lake ops audit --stream ${tables.join(',')}. If they are deleted in ProspectB2B, approve it: npx prospect-lake ops approve-deletions --run ${runId}.`;
}
