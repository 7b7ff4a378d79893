import { configuredWorkspaces, onlyWorkspace } from './configured-workspaces.ts';
import { UsageError } from './usage-error.ts';

/** The workspace of prospect-lake.config.ts whose functions run here. */
export interface ChosenWorkspace {
  readonly name: string;
  /** Names of all configured workspaces, this one included. */
  readonly configured: readonly string[];
  /** Most requests to the API in a minute. */
  readonly requestsPerMinute: number;
}

/**
 * Finds a workspace in prospect-lake.config.ts.
 * @param name from `--workspace`; may be left out if only one workspace is configured
 * @throws UsageError if there is no such workspace, or the configuration cannot be used
 */
export async function chosenWorkspace(name: string | undefined): Promise<ChosenWorkspace> {
  const workspaces = await configuredWorkspaces();
  const configured = workspaces.map((workspace) => workspace.name);
  const chosen = name === undefined ? onlyWorkspace(workspaces) : workspaces.find((each) => each.name === name);
  if (chosen) return { name: chosen.name, configured, requestsPerMinute: chosen.requestsPerMinute };
  throw new UsageError(
    `There is no workspace '${name}' in prospect-lake.config.ts: say --workspace ${configured.join(' or ')}.`,
  );
}
