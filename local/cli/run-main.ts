import { DamagedObjectError } from '../../lambdas/core/store/stored-object.ts';
import { UsageError } from './usage-error.ts';

/**
 * Runs a command: its number is the exit status. What a person can mend is one line on standard error;
 * anything else is a bug of ours and shows its stack.
 */
export async function runMain(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (error instanceof UsageError || error instanceof DamagedObjectError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = error instanceof UsageError ? error.exitCode : 1;
    } else {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 1;
    }
  }
}

/**
 * The same for a command that reads its flags with `parseArgs`: `--help` shows how it is used, and a flag
 * that it does not have is one line.
 * @param usage such as `npm run query -- "SELECT …" [--out <dir>]`
 */
export async function runCommand(usage: string, main: (args: string[]) => Promise<number>): Promise<void> {
  const args = process.argv.slice(2);
  await runMain(async () => {
    if (asksForHelp(args)) {
      process.stdout.write(`Usage: ${usage}\n`);
      return 0;
    }
    try {
      return await main(args);
    } catch (error) {
      if (!isParseError(error)) throw error;
      const [command] = usage.split(' -- ');
      throw new UsageError(`${firstSentence(error.message)} Its flags: ${command} -- --help`);
    }
  });
}

/** What stands after `--` is no flag. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).includes('--help');
}

function isParseError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('ERR_PARSE_ARGS')
  );
}

/** Node goes on with advice for whoever wrote the program. */
function firstSentence(message: string): string {
  const [sentence = ''] = message.split(/\.(?:\s|$)|\n/);
  return `${sentence}.`;
}
