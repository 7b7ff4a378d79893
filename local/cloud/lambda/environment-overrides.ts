import type { FunctionDefinition } from '../cloudformation/definitions.ts';

/** A process of a function, for a value that differs between them. */
export interface ProcessIdentity {
  readonly functionName: string;
  readonly processId: string;
}

/** Values over those of the template, by the name of the variable, for every function that has it. */
export type EnvironmentOverrides = Readonly<Record<string, string | ((process: ProcessIdentity) => string)>>;

/** @throws Error if a variable is none of any function: it would change nothing */
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
