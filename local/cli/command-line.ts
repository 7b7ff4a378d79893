import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { z } from 'zod';
import { closestName } from '../../lambdas/contract/closest-name.ts';
import { UsageError } from './usage-error.ts';

/** A flag of a command. A flag without `value` is a switch. */
export interface Flag {
  /** Placeholder for the flag's value, such as `<name>`. */
  readonly value?: string;
  /** Whether the flag can be given several times. Its value is then a list, even of one. @default false */
  readonly isList?: boolean;
  readonly help: string;
}

/** The positional arguments and flags of a command, and the schema that checks them. */
export interface CommandLine<S extends z.ZodType = z.ZodType> {
  /** The command as a person types it, such as `npx prospect-lake query`. */
  readonly command: string;
  readonly summary: string;
  /** Names of the positional arguments, such as `table` and `id`. */
  readonly positionals?: readonly string[];
  /** Flags by name, such as `out-file`. */
  readonly flags: Readonly<Record<string, Flag>>;
  /** Paragraphs that the help shows below the flags. */
  readonly notes?: readonly string[];
  /** Whole commands that the help shows. */
  readonly examples?: readonly string[];
  /**
   * Schema of the positional arguments and flags, by name; `out-file` becomes `outFile`. Its error messages say what to
   * do.
   */
  readonly input: S;
}

type CommandSyntax = Pick<CommandLine, 'command' | 'positionals' | 'flags'>;

/** A request for help, or the unchecked values of positional arguments and flags. */
export type ParsedArgs = { readonly help: true } | { readonly help: false; readonly values: Record<string, unknown> };

/**
 * Splits the arguments into flags and positional arguments.
 * @throws UsageError if an argument is a flag that the command does not have, or one positional argument too many
 */
export function parseCommandLine(args: readonly string[], line: CommandSyntax): ParsedArgs {
  if (asksForHelp(args)) return { help: true };
  const { values, positionals: found } = parseFlags(args, line);
  const { positionals = [] } = line;
  if (found.length > positionals.length) throw usageError(`'${found[positionals.length]}' is one word too many`, line);
  const byName = (flag: string, value: unknown): [string, unknown] => [camelCase(flag), value];
  return {
    help: false,
    values: Object.fromEntries([
      ...Object.entries(values).map(([flag, value]) => byName(flag, value)),
      ...positionals.map((positional, at) => byName(positional, found[at])),
    ]),
  };
}

/**
 * Checks values against the command's schema.
 * @throws UsageError that says in one line what is wrong
 */
export function validate<S extends z.ZodType>(schema: S, values: unknown, line: CommandSyntax): z.output<S> {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  throw usageError(result.error.issues.map(issueText).join('; '), line);
}

/** Whether the arguments contain `--help`. Arguments after `--` are not flags. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).includes('--help');
}

function parseFlags(
  args: readonly string[],
  line: CommandSyntax,
): { values: Readonly<Record<string, unknown>>; positionals: readonly string[] } {
  const options = Object.fromEntries(
    Object.entries(line.flags).map(([flag, { value }]) => [
      flag,
      // With `multiple`, a flag that is given twice can be refused. Otherwise Node drops the first value.
      value === undefined ? { type: 'boolean' as const } : { type: 'string' as const, multiple: true },
    ]),
  );
  const { values, positionals } = split(args, options, line);
  const given: Record<string, unknown> = {};
  for (const [flag, value] of Object.entries(values)) {
    const isOne = Array.isArray(value) && !line.flags[flag]?.isList;
    if (isOne && value.length > 1) throw usageError(`--${flag} takes one value, and has ${value.length}`, line);
    given[flag] = isOne ? value[0] : value;
  }
  return { values: given, positionals };
}

type Options = NonNullable<ParseArgsConfig['options']>;

function split(args: readonly string[], options: Options, line: CommandSyntax) {
  try {
    const spelled = args.map((arg) => withKnownNumber(arg, line));
    return parseArgs({ args: withNegativeNumbers(spelled, options), options, strict: true, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [, flag = ''] =
      /^Option '(?:-\w, )?--([\w-]+)(?: <value>)?' argument (?:missing|is ambiguous)/.exec(error.message) ?? [];
    const { value, help } = line.flags[flag] ?? {};
    if (value !== undefined) throw usageError(`--${flag} wants ${value}: ${help}`, line);
    const [, unknown = ''] = /^Unknown option '--([\w-]+)'/.exec(error.message) ?? [];
    const meant = closestName(unknown, [...Object.keys(line.flags), 'help']);
    if (meant !== undefined) throw usageError(`Unknown option '--${unknown}'; did you mean --${meant}?`, line);
    // Drop the rest of Node's message: it is advice for the author of the program.
    throw usageError(error.message.split(/\.(?:\s|$)|\n/)[0] ?? '', line);
  }
}

/** Takes `--stream` for `--streams`, and the other way round: one command names its list of tables so, another so. */
function withKnownNumber(arg: string, { flags }: CommandSyntax): string {
  const [, name = '', rest = ''] = /^--([\w-]+)(.*)$/s.exec(arg) ?? [];
  const other = name.endsWith('s') ? name.slice(0, -1) : `${name}s`;
  return !Object.hasOwn(flags, name) && Object.hasOwn(flags, other) && flags[other]?.isList ? `--${other}${rest}` : arg;
}

/** Joins a negative number to its flag. Otherwise Node takes the number for a flag, and calls it ambiguous. */
function withNegativeNumbers(args: readonly string[], options: Readonly<Record<string, { type: string }>>): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const last = joined.at(-1);
    const isValue = /^-\d/.test(arg) && last?.startsWith('--') && options[last.slice(2)]?.type === 'string';
    if (isValue) joined[joined.length - 1] = `${last}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

function usageError(problems: string, { command }: CommandSyntax): UsageError {
  return new UsageError(`${problems.replace(/(?<![.?])$/, '.')} Help: ${withDashes(command)} --help`);
}

function issueText({ path, message, code }: z.core.$ZodIssue): string {
  return code === 'invalid_type' && /undefined/.test(message) ? `${path.join('.')} is missing` : message;
}

/** Appends `--` to an npm command, because npm takes flags before `--` as its own. */
export function withDashes(command: string): string {
  return command.startsWith('npm ') ? `${command} --` : command;
}

/** The name of a flag's value: `out-file` becomes `outFile`. */
export function camelCase(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
