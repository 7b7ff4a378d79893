import { ConfigError } from '../lib/config.ts';
import { loadWorkspaces } from '../lib/load-workspaces.ts';
import { UsageError } from '../local/usage-error.ts';

/**
 * The workspaces of prospect-lake.config.ts, for a command that a person types.
 * @throws UsageError with what is wrong in it
 */
export async function configuredWorkspaces(): ReturnType<typeof loadWorkspaces> {
  try {
    return await loadWorkspaces();
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
}
