import type { ProgramCommandName } from '../local/cli/command-names.ts';
import { UsageError } from '../local/cli/usage-error.ts';

export const isNode24 = Number(process.versions.node.split('.')[0]) >= 24;

/** Commands that neither run the functions nor read Parquet files. They also run on Node 20. */
const onOlderNode: readonly ProgramCommandName[] = ['scopes', 'policies', 'synth'];

/**
 * Refuses a command that this version of Node cannot run. The functions need Node 24 locally too, as when they are
 * deployed. Every Node shows the help of each command.
 * @throws UsageError that says what to type
 */
export function refuseOldNode(name: ProgramCommandName, args: readonly string[]): void {
  if (isNode24 || onOlderNode.includes(name) || args.includes('--help')) return;
  throw new UsageError(
    `prospect-lake ${name} needs Node 24, and this is ${process.versions.node}. npx brings Node 24: npx --yes --package node@24 -- prospect-lake ${name} …`,
  );
}
