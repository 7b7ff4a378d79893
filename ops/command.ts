import type { z } from 'zod';
import type { CommandLine } from '../local/cli/command-line.ts';
import type { Target } from './target.ts';

/** What a command did or found: lines for a person, data for a program. */
export interface Outcome {
  readonly lines: readonly string[];
  readonly data: unknown;
  /** Whether all is as it should be; else the exit status is 1. @default true */
  readonly ok?: boolean;
}

/** What a command will do, told before it is asked whether it may. */
export interface Intent {
  readonly lines: readonly string[];
  act(): Promise<Outcome>;
}

/** What a command takes, without the flags that every command takes. */
interface Described<S extends z.ZodType> extends Omit<CommandLine<S>, 'command'> {
  readonly name: string;
}

/** Only looks. */
export interface ReadCommand<S extends z.ZodType = z.ZodType> extends Described<S> {
  read(target: Target, input: z.output<S>): Promise<Outcome>;
}

/** Changes something, after it has said what and was allowed to. */
export interface ChangeCommand<S extends z.ZodType = z.ZodType> extends Described<S> {
  /** @returns an outcome at once if there is nothing to do */
  prepare(target: Target, input: z.output<S>): Promise<Intent | Outcome>;
}

export type Command = ReadCommand | ChangeCommand;

/** Declares a command whose input is what its schema says. */
export function readCommand<S extends z.ZodType>(command: ReadCommand<S>): ReadCommand<S> {
  return command;
}

export function changeCommand<S extends z.ZodType>(command: ChangeCommand<S>): ChangeCommand<S> {
  return command;
}
