import type { CustomColumns } from '../../lambdas/contract/custom-columns.ts';
import type { WorkspaceConfig } from '../../lib/config/workspace-config.ts';
import { configFileName } from '../../lib/config/load-workspaces.ts';
import { configuredWorkspaces, onlyWorkspace } from './configured-workspaces.ts';
import { UsageError } from './usage-error.ts';

/** The workspace of prospect-lake.config.ts whose functions run on this machine. */
export interface ChosenWorkspace {
  readonly name: string;
  /** Names of all configured workspaces, this one included. */
  readonly configured: readonly string[];
  /** Most requests to the API in a minute. */
  readonly requestsPerMinute: number;
  /** Columns that it adds to tables. */
  readonly customColumns: CustomColumns;
  readonly hasWebhooks: boolean;
}

/**
 * Finds a workspace in prospect-lake.config.ts.
 * @param name from `--workspace`; may be left out if only one workspace is configured
 * @throws UsageError if there is no such workspace, or the configuration cannot be used
 */
export async function chosenWorkspace(name: string | undefined): Promise<ChosenWorkspace> {
  const workspaces = await configuredWorkspaces();
  const { name: chosen, requestsPerMinute, customColumns, webhooks } = workspaceNamed(name, workspaces);
  return {
    name: chosen,
    configured: namesOf(workspaces),
    requestsPerMinute,
    customColumns,
    hasWebhooks: webhooks.enabled,
  };
}

/** The whole configuration of a workspace, found as {@link chosenWorkspace} does. */
export async function chosenConfig(name: string | undefined): Promise<WorkspaceConfig> {
  return workspaceNamed(name, await configuredWorkspaces());
}

/** @throws UsageError if there is no workspace of this name, or if there are several and none is named */
export function workspaceNamed(name: string | undefined, workspaces: readonly WorkspaceConfig[]): WorkspaceConfig {
  const chosen = name === undefined ? onlyWorkspace(workspaces) : workspaces.find((each) => each.name === name);
  if (chosen) return chosen;
  throw new UsageError(
    `There is no workspace '${name}' in ${configFileName()}: say --workspace ${namesOf(workspaces).join(' or ')}.`,
  );
}

const namesOf = (workspaces: readonly WorkspaceConfig[]) => workspaces.map(({ name }) => name);
