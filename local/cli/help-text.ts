/** Help as text that fits the terminal. */

import { z } from 'zod';
import { type CommandLine, camelCase, withDashes } from './command-line.ts';
import { helpTable } from './help-table.ts';
import { helpTerminal, type Terminal, wrap } from './terminal.ts';

/** The full help: what the command does, its usage, each flag, notes and examples. */
export function helpOf(
  line: CommandLine,
  more: CommandLine['flags'] = {},
  terminal: Terminal = helpTerminal(),
): string {
  const { examples = [], notes = [] } = line;
  return [
    ...wrap(line.summary, terminal),
    '',
    ...usageLines(line, terminal),
    '',
    ...flagLines({ ...line.flags, ...more }, terminal),
    ...notes.flatMap((note) => ['', ...wrap(note, terminal)]),
    ...(examples.length === 0 ? [] : ['', examples.length === 1 ? 'Example:' : 'Examples:']),
    ...examples.map((example) => `  ${example}`),
  ]
    .join('\n')
    .trimEnd();
}

export function flagLines(flags: CommandLine['flags'], terminal: Terminal = helpTerminal()): string[] {
  return helpTable(
    Object.entries(flags).map(([flag, { value, help }]) => [textOf(flag, value), help]),
    terminal,
  );
}

const demands = z.object({ required: z.array(z.string()).default([]) });
/** Stands for a space at which a line is not broken. */
const unbroken = '\u00a0';

/** The usage of a command. Flags and positional arguments that may be left out are in brackets. */
function usageLines({ command, positionals = [], flags, input }: CommandLine, terminal: Terminal): string[] {
  const { required } = demands.parse(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }));
  const bracketed = (name: string, text: string) => (required.includes(name) ? text : `[${text}]`);
  const takes = [
    ...positionals.map((positional) => bracketed(positional, `<${positional}>`)),
    ...Object.entries(flags).map(([flag, { value }]) => bracketed(camelCase(flag), textOf(flag, value))),
  ];
  return usageOf([takes.length === 0 ? command : withDashes(command), ...takes], terminal);
}

/** A usage as lines, which are broken only between its parts. */
export function usageOf(parts: readonly string[], { width }: Terminal = helpTerminal()): string[] {
  const text = ['Usage:', ...parts].map((word) => word.replaceAll(' ', unbroken)).join(' ');
  const [first = '', ...others] = wrap(text, { width: width - 2, hasColour: false });
  return [first, ...others.map((each) => `  ${each}`)].map((each) => each.replaceAll(unbroken, ' '));
}

function textOf(flag: string, value: string | undefined): string {
  return value === undefined ? `--${flag}` : `--${flag} ${value}`;
}
