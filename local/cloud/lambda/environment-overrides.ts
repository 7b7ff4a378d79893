import type { FunctionDefinition } from '../cloudformation/definitions.ts';

/** A process of a function, for a value that differs between them. */
export interface ProcessIdentity {
  readonly functionName: string;
  readonly processId: string;
}

/**
 * Values over those of the template, by the name of the variable (for every function that has it) or by
 * `<function>.<variable>`.
 */
export type EnvironmentOverrides = Readonly<Record<string, string | ((process: ProcessIdentity) => string)>>;

/** @throws Error where a variable is none of any function: it would change nothing */
export function checkOverrides(overrides: EnvironmentOverrides, functions: readonly FunctionDefinition[]): void {
  for (const name of Object.keys(overrides)) {
    if (!functions.some((definition) => variableOf(name, definition) !== undefined)) {
      throw new Error(`No function of the assembly has the environment variable ${name}.`);
    }
  }
}

export function overridesFor(
  definition: FunctionDefinition,
  overrides: EnvironmentOverrides,
  processId: string,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(overrides)) {
    const variable = variableOf(name, definition);
    if (variable === undefined) continue;
    values[variable] = typeof value === 'string' ? value : value({ functionName: definition.name, processId });
  }
  return values;
}

function variableOf(name: string, { name: functionName, environment }: FunctionDefinition): string | undefined {
  const variable = name.startsWith(`${functionName}.`) ? name.slice(functionName.length + 1) : name;
  return variable in environment ? variable : undefined;
}
