import { UsageError } from './usage-error.ts';

/**
 * The error about a package that is not installed; undefined for other errors. Large packages are optional: the files
 * that import them are loaded only when they are needed.
 */
export function missingPackage(error: unknown): UsageError | undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) return undefined;
  const [, name] = /^Cannot find package '([^']+)'/.exec(error.message) ?? [];
  return name === undefined
    ? undefined
    : new UsageError(
        `This command needs ${name}, an optional package that is not installed. Install it: npm install ${name}`,
      );
}
