/** `npx prospect-lake <command>`: the program. */

import { endWithNpm } from '../local/cli/end-with-npm.ts';
import { endOnFullDisk } from '../local/cli/full-disk.ts';
import { missingPackage } from '../local/cli/missing-package.ts';
import { endWithReader, statusOf } from '../local/cli/run-command.ts';
import { versionText } from '../local/cli/version.ts';
import { runs } from './commands.ts';
import { isNode24, refuseOldNode } from './node-version.ts';
import { isProgramCommand, overview, unknownCommand } from './overview.ts';

/** Runs a command, or prints the program's help. @returns the exit status */
export async function main([name, ...args]: readonly string[]): Promise<number> {
  endOnFullDisk();
  endWithReader();
  endWithNpm();
  return statusOf(args.includes('--json'), async () => {
    if (name === undefined || name === '--help' || name === 'help') return say(overview());
    if (name === '--version') return say(versionText());
    if (!isProgramCommand(name)) throw unknownCommand(name);
    refuseOldNode(name, args);
    await useProxyOfMachine();
    return runs[name](args).catch((error: unknown) => {
      throw missingPackage(error) ?? error;
    });
  });
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

/**
 * Lets requests of this process use the machine's proxy. Node before 24 cannot do that, but runs only commands that
 * send no requests.
 */
async function useProxyOfMachine(): Promise<void> {
  if (!isNode24) return;
  const { useProxy } = await import('../local/cloud/lambda/network-environment.ts');
  useProxy(process.env);
}
