import { closestName } from '../lambdas/contract/closest-name.ts';
import { opsSummaries, type ProgramCommandName, programSummaries, typed } from '../local/cli/command-names.ts';
import { helpTable } from '../local/cli/help-table.ts';
import { helpTerminal, wrap } from '../local/cli/terminal.ts';
import { UsageError } from '../local/cli/usage-error.ts';

const programNames = Object.keys(programSummaries);
const opsNames = Object.keys(opsSummaries).map((name) => `ops ${name}`);

export function isProgramCommand(name: string): name is ProgramCommandName {
  return Object.hasOwn(programSummaries, name);
}

/** The help of the program: each command in one line. */
export function overview(): string {
  const terminal = helpTerminal();
  const lines: [name: string, summary: string][] = [
    ...Object.entries(programSummaries),
    ...Object.entries(opsSummaries).map(([name, summary]): [string, string] => [`  ${name}`, summary]),
  ];
  return [
    ...wrap('The ProspectB2B workspace as Parquet tables in your own S3, queried from Athena.', terminal),
    '',
    `Usage: ${typed('<command>')} [flags]`,
    '',
    ...helpTable(lines, terminal),
    '',
    `Flags of a command: ${typed('<command>')} --help`,
    `Flags of a command of ops: ${typed('ops <command>')} --help`,
    'Version: --version. Documentation: docs/ in the package, README.md first.',
  ].join('\n');
}

/** The error about a name that no command has. It suggests the command whose name is closest. */
export function unknownCommand(name: string): UsageError {
  const closest = closestName(name, [...programNames, ...opsNames], (known) => known.replace('ops ', ''));
  const suggestion = closest ? `Did you mean ${typed(closest)}?` : `The commands are: ${programNames.join(', ')}.`;
  return new UsageError(`There is no command '${name}'. ${suggestion} Help: ${typed('--help')}`);
}
