import { z } from 'zod';
import { type WorkspaceConfig, type WorkspaceInput, workspaceConfig } from './workspace-config.ts';
import { workspaceFields } from './workspace-fields.ts';

/** The configuration cannot be used; each line of the message says where, what and what to do. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Checks one workspace and fills in its defaults. Takes its own result as well.
 * @throws ConfigError
 */
export function parseWorkspace(input: WorkspaceInput): WorkspaceConfig {
  const result = workspaceConfig.safeParse(input);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map((issue) => describe(issue, input)));
}

/**
 * Checks the workspaces of a deployment: at least one, each with a name of its own.
 * @throws ConfigError with the problems of all of them
 */
export function defineConfig(inputs: readonly WorkspaceInput[]): WorkspaceConfig[] {
  const problems: string[] = [];
  const workspaces: WorkspaceConfig[] = [];
  const names = new Set<string>();
  if (inputs.length === 0) problems.push("There is no workspace: give at least one, such as { name: 'main' }.");
  for (const input of inputs) {
    try {
      const workspace = parseWorkspace(input);
      if (names.has(workspace.name))
        problems.push(`workspace '${workspace.name}': there are two of this name: give each its own`);
      names.add(workspace.name);
      workspaces.push(workspace);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return workspaces;
}

function describe(issue: z.core.$ZodIssue, input: unknown): string {
  const named = z.object({ name: z.string() }).safeParse(input);
  const where = named.success ? `workspace '${named.data.name}'` : 'workspace';
  if (issue.code === 'unrecognized_keys') {
    const known = issue.path.length === 0 ? `; the fields are ${Object.keys(workspaceFields.shape).join(', ')}` : '';
    return `${where}: ${pathOf([...issue.path, issue.keys.join(', ')])}there is no such field${known}`;
  }
  return `${where}: ${pathOf(issue.path)}${issue.message}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `${path.map(String).join('.')}: `;
}
