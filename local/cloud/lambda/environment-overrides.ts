import type { FunctionDefinition } from '../cloudformation/definitions.ts';

/** Identifies a function's process, for values that differ between processes. */
export interface ProcessIdentity {
  readonly functionName: string;
  readonly processId: string;
}

/** Values that replace those of the template, by name of the variable, in every function that has it. */
export type EnvironmentOverrides = Readonly<Record<string, string | ((process: ProcessIdentity) => string)>>;

/** @throws Error if no function has the variable: the override would have no effect */
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
