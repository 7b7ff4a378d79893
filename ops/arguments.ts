import { z } from 'zod';
import { type Flag, parseCommandLine, validate } from '../local/cli/command-line.ts';
import { typed } from '../local/cli/command-names.ts';
import { helpTable } from '../local/cli/help-table.ts';
import { flagLines, helpOf, usageOf } from '../local/cli/help-text.ts';
import { path, suggestion } from '../local/cli/flag-values.ts';
import { defaultOut } from '../local/cli/out-flag.ts';
import { helpTerminal } from '../local/cli/terminal.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import type { Command } from './command.ts';

/** Flags of every command. */
const sharedFlags = {
  workspace: { value: '<name>', help: 'workspace to operate; default: the only one of the configuration' },
  local: { help: 'work on the folder of start, not on an account' },
  out: { value: '<dir>', help: `the folder of start; default: ${defaultOut}. Implies --local` },
  yes: { help: 'do not ask before changing anything' },
  json: { help: 'answer in JSON' },
  help: { help: 'show this help' },
} as const satisfies Record<string, Flag>;

/** The flags in the help of a command that only reads. It takes `--yes` too, which does nothing there. */
const { yes: _, ...readFlags } = sharedFlags;

const sharedValues = z
  .object({
    workspace: z.string().min(1).optional(),
    local: z.boolean().default(false),
    out: path('--out').optional(),
    yes: z.boolean().default(false),
    json: z.boolean().default(false),
  })
  .transform(({ local, out, ...others }) => ({
    ...others,
    local: local || out !== undefined,
    out: out ?? defaultOut,
  }));

export type Common = z.infer<typeof sharedValues>;

export type Request =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'run'; readonly command: Command; readonly common: Common; readonly input: unknown };

/**
 * Parses the arguments: the command and its input, or a request for help.
 * @throws UsageError with one line that says what is wrong
 */
export function parseRequest(args: readonly string[], commands: readonly Command[]): Request {
  const [name, ...rest] = args;
  const command = commands.find((candidate) => candidate.name === name);
  if (name === undefined || name === '--help') return { kind: 'help', text: overview(commands) };
  const names = commands.map((each) => each.name);
  if (!command)
    throw new UsageError(
      `There is no command '${name}'; ${suggestion(name, names, `the commands are ${names.join(', ')}.`)} Help: ${typed('ops --help')}`,
    );
  const line = { ...command, command: typed(`ops ${name}`) };
  const parsed = parseCommandLine(rest, { ...line, flags: { ...line.flags, ...sharedFlags } });
  if (parsed.help) return { kind: 'help', text: helpOf(line, 'read' in command ? readFlags : sharedFlags) };
  const own = Object.entries(parsed.values).filter(([key]) => !(key in sharedFlags));
  const common = validate(sharedValues, parsed.values, line);
  return { kind: 'run', command, common, input: validate(command.input, Object.fromEntries(own), line) };
}

function overview(commands: readonly Command[]): string {
  return [
    ...usageOf([typed('ops <command>'), '[--workspace <name> | --local | --out <dir>]', '[--yes]', '[--json]']),
    '',
    ...helpTable(
      commands.map(({ name, summary }) => [name, summary]),
      helpTerminal(),
    ),
    '',
    ...flagLines(sharedFlags),
  ].join('\n');
}
