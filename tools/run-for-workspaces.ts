import { parseArgs } from 'node:util';
import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import { configuredWorkspaces } from '../local/cli/configured-workspaces.ts';
import { runAnswering } from '../local/cli/run-answering.ts';
import { UsageError } from '../local/cli/usage-error.ts';

export interface Script {
  readonly usage: string;
  readonly tells: string;
  /** Whether it takes `--json`. */
  readonly json: boolean;
}

/** Runs a script that tells something of the configured workspaces: its flags, and errors as lines that say what to do. */
export async function runForWorkspaces(
  script: Script,
  tell: (workspaces: readonly WorkspaceConfig[], flags: { json: boolean }) => void,
): Promise<void> {
  const args = process.argv.slice(2);
  await runAnswering(script.json && args.includes('--json'), async () => {
    const { help, json } = flagsOf(args, script);
    if (help) process.stdout.write(`${script.tells}\n\nUsage: ${script.usage}\n`);
    else tell(await configuredWorkspaces(), { json });
    return 0;
  });
}

/** @throws UsageError where one is not known */
function flagsOf(args: readonly string[], { usage, json }: Script): { help: boolean; json: boolean } {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({ args: [...args], options: { help: flag, ...(json ? { json: flag } : {}) } });
    return { help: values.help, json: 'json' in values && values.json === true };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message.split('\n')[0] : String(error)}. Usage: ${usage}`);
  }
}
