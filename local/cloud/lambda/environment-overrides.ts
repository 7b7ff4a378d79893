import type { FunctionDefinition } from '../cloudformation/definitions.ts';

/** Identifies a function's process, for values that differ between processes. */
export interface ProcessIdentity {
  readonly functionName: string;
  readonly processId: string;
}

/** Values by name of an environment variable. They replace the template's in every function that has the variable. */
export type EnvironmentOverrides = Readonly<Record<string, string | ((process: ProcessIdentity) => string)>>;

/** @throws Error if no function has a variable that is overridden: the override would have no effect */
export function checkOverrides(overrides: EnvironmentOverrides, functions: readonly FunctionDefinition[]): void {
  for (const name of Object.keys(overrides))
    if (!functions.some(({ environment }) => name in environment))
      throw new Error(`No function of the assembly has the environment variable ${name}.`);
}

export function overridesFor(
  { name: functionName, environment }: FunctionDefinition,
  overrides: EnvironmentOverrides,
  processId: string,
): Record<string, string> {
  const own = Object.entries(overrides).filter(([variable]) => variable in environment);
  const valueOf = (value: EnvironmentOverrides[string]) =>
    typeof value === 'string' ? value : value({ functionName, processId });
  return Object.fromEntries(own.map(([variable, value]) => [variable, valueOf(value)]));
}
