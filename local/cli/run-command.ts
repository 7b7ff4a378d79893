import type { z } from 'zod';
import { DamagedObjectError } from '../../lambdas/core/store/stored-object.ts';
import { type CommandLine, parseCommandLine, validate } from './command-line.ts';
import { helpOf } from './help-text.ts';
import { endOnFullDisk } from './full-disk.ts';
import { printableLines } from './printable.ts';
import { userError } from './user-errors.ts';

/** An npm command. `run` returns the exit status. */
export interface Command<S extends z.ZodType = z.ZodType> extends CommandLine<S> {
  run(input: z.output<S>): Promise<number>;
}

/** Declares a command. Infers the type of its input from the schema. */
export function command<S extends z.ZodType>(declared: Command<S>): Command<S> {
  return declared;
}

/** Runs a command with the arguments of this process, and sets its exit status. */
export async function runCommand<S extends z.ZodType>(line: Command<S>): Promise<void> {
  endOnFullDisk();
  endWithReader();
  process.exitCode = await commandStatus(line, process.argv.slice(2));
}

let endsWithReader = true;

/** Ends this process if the reader of its output, such as `head`, ends before everything is written. */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (endsWithReader) process.exit(0);
    });
}

/** From here on the process goes on without a reader, because its work must be finished. Its exit status stays. */
export function outliveReader(): void {
  endsWithReader = false;
}

/**
 * Parses the arguments and runs the command, or prints its help.
 * @returns the exit status
 */
export async function commandStatus<S extends z.ZodType>(line: Command<S>, args: readonly string[]): Promise<number> {
  return statusOf('json' in line.flags && args.includes('--json'), async () => {
    const parsed = parseCommandLine(args, line);
    if (!parsed.help) return line.run(validate(line.input, parsed.values, line));
    process.stdout.write(`${helpOf(line)}\n`);
    return 0;
  });
}

/**
 * Runs `main`. If it throws an error that the user can fix, prints one line on standard error. Any other error is a bug
 * in Prospect Lake and is printed with its stack.
 * @param json whether a program reads standard output; the error is then also written there, as JSON
 * @returns the exit status
 */
export async function statusOf(json: boolean, main: () => Promise<number>): Promise<number> {
  try {
    return await main();
  } catch (error) {
    const mendable = userError(error);
    const message = mendable?.message ?? (error instanceof Error ? error.message : String(error));
    if (json) writeJsonError(message);
    const isBug = !mendable && !(error instanceof DamagedObjectError) && error instanceof Error;
    process.stderr.write(`${printableLines(isBug ? (error.stack ?? message) : message)}\n`);
    return mendable?.exitCode ?? 1;
  }
}

export function writeJsonError(message: string): void {
  process.stdout.write(`${JSON.stringify({ error: message })}\n`);
}
