import { ConfigError, defineConfig } from '../../lib/config/config.ts';

/** The problems that defineConfig reports for arguments of any type, as if no compiler had checked them. */
export function configProblems(...args: readonly unknown[]): readonly string[] {
  try {
    Reflect.apply(defineConfig, undefined, args);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
