import type { z } from 'zod';
import type { CommandLine } from '../local/cli/command-line.ts';
import type { Target } from './target.ts';

/** What a command did or found: lines for a person, data for a program. */
export interface Outcome {
  readonly lines: readonly string[];
  readonly data: unknown;
  /** False if the command found something wrong; the exit status is then 1. @default true */
  readonly ok?: boolean;
  /** The command found nothing wrong, but could not look at everything; the exit status is then 2. @default false */
  readonly isUnfinished?: boolean;
}

/** What a command will do, shown before the person confirms. */
export interface Intent {
  readonly lines: readonly string[];
  act(): Promise<Outcome>;
}

/** A command's description, without the flags that all commands share. */
interface Described<S extends z.ZodType> extends Omit<CommandLine<S>, 'command'> {
  readonly name: string;
}

/** A command that changes nothing. */
export interface ReadCommand<S extends z.ZodType = z.ZodType> extends Described<S> {
  read(target: Target, input: z.output<S>): Promise<Outcome>;
}

/** A command that changes something, after showing what it will do and getting confirmation. */
export interface ChangeCommand<S extends z.ZodType = z.ZodType> extends Described<S> {
  /** Prepares the change without making it. @returns an outcome instead of an intent if there is nothing to do */
  prepare(target: Target, input: z.output<S>): Promise<Intent | Outcome>;
}

export type Command = ReadCommand | ChangeCommand;

/** Declares a command. Its schema determines the type of its input. */
export function readCommand<S extends z.ZodType>(command: ReadCommand<S>): ReadCommand<S> {
  return command;
}

export function changeCommand<S extends z.ZodType>(command: ChangeCommand<S>): ChangeCommand<S> {
  return command;
}
