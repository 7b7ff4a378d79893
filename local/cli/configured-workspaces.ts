import { ConfigError } from '../../lib/config/config.ts';
import { configFileName, isDefaultConfig, loadWorkspaces } from '../../lib/config/load-workspaces.ts';
import { UsageError } from './usage-error.ts';

/** For `ops`, which knows a configuration only through this file. */
export { expectedHours } from '../../lib/config/schedule-pause.ts';

/**
 * The workspaces of prospect-lake.config.ts.
 * @throws UsageError that says in one readable line what is wrong in the configuration
 */
export async function configuredWorkspaces(): ReturnType<typeof loadWorkspaces> {
  try {
    return await loadWorkspaces();
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
}

/** Says whose answer a command gives, if the working directory has no configuration. */
export function noteIfDefault(workspaces: readonly { readonly name: string }[]): void {
  if (!isDefaultConfig()) return;
  const names = workspaces.map(({ name }) => `'${name}'`).join(', ');
  process.stderr.write(`This folder has no ${configFileName()}: the default configuration is used, with ${names}.\n`);
}

/**
 * The only workspace of the configuration, for a command without `--workspace`.
 * @throws UsageError if there are several
 */
export function onlyWorkspace<W extends { readonly name: string }>(workspaces: readonly W[]): W {
  const [only, ...others] = workspaces;
  if (only && others.length === 0) return only;
  throw new UsageError(
    `There are several workspaces: say --workspace ${workspaces.map(({ name }) => name).join(' or ')}.`,
  );
}
