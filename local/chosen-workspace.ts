import { ConfigError } from '../lib/config.ts';
import { loadWorkspaces } from '../lib/load-workspaces.ts';
import { UsageError } from './usage-error.ts';

/** The workspace of prospect-lake.config.ts whose functions run here. */
export interface ChosenWorkspace {
  readonly name: string;
  /** Names of all that are configured, this one among them. */
  readonly configured: readonly string[];
}

/**
 * @param name of `--workspace`; can be left out where there is one alone
 * @throws UsageError where that names none, or the configuration cannot be used
 */
export async function chosenWorkspace(name: string | undefined): Promise<ChosenWorkspace> {
  const configured = await configuredNames();
  const [only, ...others] = configured;
  const chosen = name ?? (others.length === 0 ? only : undefined);
  if (chosen === undefined)
    throw new UsageError(`There are several workspaces: say --workspace ${configured.join(' or ')}.`);
  if (!configured.includes(chosen))
    throw new UsageError(
      `There is no workspace '${chosen}' in prospect-lake.config.ts: say --workspace ${configured.join(' or ')}.`,
    );
  return { name: chosen, configured };
}

async function configuredNames(): Promise<string[]> {
  try {
    return (await loadWorkspaces()).map(({ name }) => name);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
}
