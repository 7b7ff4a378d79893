import { ConfigError, defineConfig } from '../../lib/config/config.ts';

/** What defineConfig says to arguments as a person would write them, with no compiler to stop them. */
export function configProblems(...args: readonly unknown[]): readonly string[] {
  try {
    Reflect.apply(defineConfig, undefined, args);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
