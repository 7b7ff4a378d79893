import { parseArgs } from 'node:util';
import { z } from 'zod';
import { UsageError } from '../local/cli/usage-error.ts';
import type { Command, Flag } from './command.ts';

/** Flags that every command takes. */
const shared = {
  workspace: {
    type: 'string',
    value: '<name>',
    help: 'workspace to operate; default: the one of prospect-lake.config.ts',
  },
  local: { type: 'boolean', help: 'the embedded cloud of npm start, in place of an account' },
  out: { type: 'string', value: '<dir>', help: 'with --local: its folder; default: .prospect-lake' },
  yes: { type: 'boolean', help: 'do it without asking' },
  json: { type: 'boolean', help: 'answer in JSON' },
  help: { type: 'boolean', help: 'tell this' },
} as const satisfies Record<string, Flag>;

const sharedValues = z.object({
  workspace: z.string().min(1).optional(),
  local: z.boolean().default(false),
  out: z.string().min(1, '--out wants a path').default('.prospect-lake'),
  yes: z.boolean().default(false),
  json: z.boolean().default(false),
});

export type Common = z.infer<typeof sharedValues>;

export type Request =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'run'; readonly command: Command; readonly common: Common; readonly input: unknown };

/** @throws UsageError with one line about what is wrong */
export function parseRequest(args: readonly string[], commands: readonly Command[]): Request {
  const [name, ...rest] = args;
  const command = commands.find((candidate) => candidate.name === name);
  if (name === undefined || name === '--help') return { kind: 'help', text: overview(commands) };
  if (!command)
    throw new UsageError(
      `There is no command '${name}'. The commands are: ${commands.map((each) => each.name).join(', ')}.`,
    );
  const { values, positionals } = parse(rest, command);
  if (values['help'] === true) return { kind: 'help', text: usageOf(command) };
  const common = sharedValues.safeParse(values);
  if (!common.success) throw new UsageError(common.error.issues[0]?.message ?? '');
  const named = command.positionals ?? [];
  if (positionals.length > named.length)
    throw new UsageError(`'${positionals[named.length]}' is one word too many. ${usageLine(command)}`);
  const own = Object.fromEntries(Object.entries(values).filter(([flag]) => flag in command.flags));
  const words = Object.fromEntries(named.map((word, index) => [word, positionals[index]]));
  const input = command.input.safeParse({ ...own, ...words });
  if (!input.success) throw new UsageError(`${input.error.issues.map(problem).join('; ')}. ${usageLine(command)}`);
  return { kind: 'run', command, common: common.data, input: input.data };
}

function parse(args: readonly string[], command: Command) {
  const options = Object.fromEntries(
    Object.entries<Flag>({ ...command.flags, ...shared }).map(([flag, { type }]) => [flag, { type }]),
  );
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message.split('\n')[0] : String(error)}. ${usageLine(command)}`,
    );
  }
}

function problem({ path, message, code }: z.core.$ZodIssue): string {
  if (code === 'invalid_type' && /undefined/.test(message)) return `${path.join('.')} is missing`;
  return message;
}

const asked = z.object({ required: z.array(z.string()).default([]) });

/** What the command cannot do without stands there without brackets, as its schema says. */
function usageLine(command: Command): string {
  const { required } = asked.parse(z.toJSONSchema(command.input, { io: 'input', unrepresentable: 'any' }));
  const words = (command.positionals ?? []).map((word) => (required.includes(word) ? `<${word}>` : `[<${word}>]`));
  const flags = Object.entries(command.flags).map(([flag, { value }]) => {
    const text = `--${flag}${value ? ` ${value}` : ''}`;
    return required.includes(flag) ? text : `[${text}]`;
  });
  return ['Usage: npm run ops --', command.name, ...words, ...flags].join(' ');
}

function usageOf(command: Command): string {
  return [command.summary, '', usageLine(command), '', ...flagLines({ ...command.flags, ...shared })].join('\n');
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Usage: npm run ops -- <command> [--workspace <name> | --local [--out <dir>]] [--yes] [--json]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    ...flagLines(shared),
  ].join('\n');
}

function flagLines(flags: Readonly<Record<string, Flag>>): string[] {
  const heads = Object.entries(flags).map(([flag, { value, help }]) => [`--${flag}${value ? ` ${value}` : ''}`, help]);
  const width = Math.max(...heads.map(([head = '']) => head.length));
  return heads.map(([head = '', help = '']) => `  ${head.padEnd(width)}  ${help}`);
}
