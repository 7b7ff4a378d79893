import { parseArgs } from 'node:util';
import { z } from 'zod';
import { UsageError } from './usage-error.ts';

/** A flag of a command. Without `value` it is a switch. */
export interface Flag {
  /** What it takes, such as `<name>`. */
  readonly value?: string;
  readonly help: string;
}

/** What a command takes, and the schema that checks it. */
export interface CommandLine<S extends z.ZodType = z.ZodType> {
  /** As a person types it, such as `npm run query`. */
  readonly command: string;
  readonly summary: string;
  /** What stands without a flag, such as `<table> <id>`, by name. */
  readonly words?: readonly string[];
  /** By name, such as `out-file`. */
  readonly flags: Readonly<Record<string, Flag>>;
  /** Takes words and flags by name, `out-file` as `outFile`. Its messages say what to do. */
  readonly input: S;
}

type Words = Pick<CommandLine, 'command' | 'words' | 'flags'>;

/** The command line as a flag that asks for help, or as the values of its words and flags, not yet checked. */
export type Given = { readonly help: true } | { readonly help: false; readonly values: Record<string, unknown> };

/** @throws UsageError if there is a flag or a word that the command does not have */
export function readGiven(args: readonly string[], line: Words): Given {
  if (asksForHelp(args)) return { help: true };
  const { values, positionals } = parsed(args, line);
  const { words = [] } = line;
  if (positionals.length > words.length) throw usageError(`'${positionals[words.length]}' is one word too many`, line);
  const byName = (flag: string, value: unknown): [string, unknown] => [camelCase(flag), value];
  return {
    help: false,
    values: Object.fromEntries([
      ...Object.entries(values).map(([flag, value]) => byName(flag, value)),
      ...words.map((word, at) => byName(word, positionals[at])),
    ]),
  };
}

/** @throws UsageError that says in one line what is wrong */
export function checked<S extends z.ZodType>(schema: S, values: unknown, line: Words): z.output<S> {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  throw usageError(result.error.issues.map(problem).join('; '), line);
}

/** The whole help: what the command does, how it is called, and each flag. */
export function helpOf(line: CommandLine, more: CommandLine['flags'] = {}): string {
  return [line.summary, '', usageOf(line), '', ...flagLines({ ...line.flags, ...more })].join('\n').trimEnd();
}

export function flagLines(flags: CommandLine['flags']): string[] {
  const heads = Object.entries(flags).map(([flag, { value, help }]) => ({ head: textOf(flag, value), help }));
  const width = Math.max(0, ...heads.map(({ head }) => head.length));
  return heads.map(({ head, help }) => `  ${head.padEnd(width)}  ${help}`);
}

const demands = z.object({ required: z.array(z.string()).default([]) });

/** What the command cannot do without stands there without brackets, as its schema says. */
function usageOf({ command, words = [], flags, input }: CommandLine): string {
  const { required } = demands.parse(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }));
  const bracketed = (name: string, text: string) => (required.includes(name) ? text : `[${text}]`);
  const takes = [
    ...words.map((word) => bracketed(word, `<${word}>`)),
    ...Object.entries(flags).map(([flag, { value }]) => bracketed(camelCase(flag), textOf(flag, value))),
  ];
  return ['Usage:', takes.length === 0 ? command : withDashes(command), ...takes].join(' ');
}

/** What stands after `--` is no flag. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).includes('--help');
}

function parsed(
  args: readonly string[],
  line: Words,
): { values: Readonly<Record<string, unknown>>; positionals: readonly string[] } {
  const options = Object.fromEntries(
    Object.entries(line.flags).map(([flag, { value }]) => [
      flag,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node goes on with advice for whoever wrote the program.
    throw usageError(error.message.split(/\.(?:\s|$)|\n/)[0] ?? '', line);
  }
}

function usageError(problems: string, { command }: Words): UsageError {
  return new UsageError(`${problems.replace(/\.$/, '')}. Help: ${withDashes(command)} --help`);
}

function problem({ path, message, code }: z.core.$ZodIssue): string {
  return code === 'invalid_type' && /undefined/.test(message) ? `${path.join('.')} is missing` : message;
}

/** npm keeps flags for itself that stand before `--`. */
function withDashes(command: string): string {
  return command.includes(' -- ') ? command : `${command} --`;
}

function textOf(flag: string, value: string | undefined): string {
  return value === undefined ? `--${flag}` : `--${flag} ${value}`;
}

/** A flag as its value is named: `out-file` is `outFile`. */
export function camelCase(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
