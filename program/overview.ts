import { opsSummaries, type ProgramCommandName, programSummaries, typed } from '../local/cli/command-names.ts';
import { helpTable } from '../local/cli/help-table.ts';
import { terminalOf } from '../local/cli/terminal.ts';
import { UsageError } from '../local/cli/usage-error.ts';

const programNames = Object.keys(programSummaries);
const opsNames = Object.keys(opsSummaries).map((name) => `ops ${name}`);

export function isProgramCommand(name: string): name is ProgramCommandName {
  return Object.hasOwn(programSummaries, name);
}

/** The help of the program: each command in one line. */
export function overview(): string {
  const lines: [name: string, summary: string][] = [
    ...Object.entries(programSummaries),
    ...Object.entries(opsSummaries).map(([name, summary]): [string, string] => [`  ${name}`, summary]),
  ];
  return [
    'The ProspectB2B workspace as Parquet tables in your own S3, queried from Athena.',
    '',
    `Usage: ${typed('<command>')} [flags]`,
    '',
    ...helpTable(lines, terminalOf(process.stdout)),
    '',
    `Flags of a command: ${typed('<command>')} --help, ${typed('ops <command>')} --help`,
    'Version: --version. Documentation: docs/ in the package, README.md first.',
  ].join('\n');
}

/** The error about a name that no command has. It suggests the command whose name is closest. */
export function unknownCommand(name: string): UsageError {
  const [closest] = [...programNames, ...opsNames]
    .map((known) => ({ known, edits: editsBetween(name, known.replace('ops ', '')) }))
    .filter(({ known, edits }) => edits <= 3 && edits < known.length / 2)
    .toSorted((a, b) => a.edits - b.edits);
  const suggestion = closest
    ? `Did you mean ${typed(closest.known)}?`
    : `The commands are: ${programNames.join(', ')}.`;
  return new UsageError(`There is no command '${name}'. ${suggestion} Help: ${typed('--help')}`);
}

/** Number of characters to insert, delete or replace to make one word of the other (Levenshtein distance). */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let line = 0; line < from.length; line += 1) {
    const next = [line + 1];
    for (let at = 0; at < to.length; at += 1)
      next.push(
        Math.min((next[at] ?? 0) + 1, (row[at + 1] ?? 0) + 1, (row[at] ?? 0) + (from[line] === to[at] ? 0 : 1)),
      );
    row = next;
  }
  return row[to.length] ?? 0;
}
