import { suggestion } from '../../lambdas/contract/closest-name.ts';
import { queriesOf } from '../../lib/config/own-queries.ts';
import { namedQueries } from '../../lambdas/streams/named-queries.ts';
import { configuredName } from '../run/folder-source.ts';
import { configuredWorkspaces } from './configured-workspaces.ts';
import { UsageError } from './usage-error.ts';

export const ourNames: string = namedQueries.map(({ name }) => name).join(', ');

/**
 * The SQL of a named query: one of this project, or of the workspace whose tables are in the folder.
 * @throws UsageError if there is none of this name
 */
export async function sqlNamed(name: string, out: string): Promise<string> {
  const configured = await configuredName(out);
  // Refuses a query of the workspace that has the name of one of ours, so that nobody takes our answer for theirs.
  const workspaces = await configuredWorkspaces();
  // Tables that were loaded without a configuration belong to the only workspace that there is now.
  const workspace = workspaces.length === 1 ? workspaces[0] : workspaces.find((each) => each.name === configured);
  const queries = queriesOf(workspace ?? {});
  const found = queries.find((query) => query.name === name);
  if (found) return found.sql;
  const own = queries.slice(namedQueries.length);
  const yours =
    own.length === 0
      ? 'The configuration names no folder of your own with queries.'
      : `Yours are ${own.map((query) => query.name).join(', ')}.`;
  const names = queries.map((query) => query.name);
  throw new UsageError(`There is no query '${name}'; ${suggestion(name, names, `ours are ${ourNames}. ${yours}`)}`);
}
