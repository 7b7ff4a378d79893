/** The commands of package.json, typed by somebody who does not know them. */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bench } from '../../../bench/run.ts';
import { soak } from '../../../bench/soak.ts';
import { cost } from '../../../cost/main.ts';
import { doctor } from '../../../doctor/main.ts';
import { type CommandLine, parseCommandLine, validate } from '../../../local/cli/command-line.ts';
import { helpOf } from '../../../local/cli/help-text.ts';
import { query } from '../../../local/cli/query.ts';
import { type Command, command, commandStatus } from '../../../local/cli/run-command.ts';
import { simulateEvent } from '../../../local/cli/simulate-event.ts';
import { pipe } from '../../../local/cli/terminal.ts';
import { start as startCommand } from '../../../local/cli/start.ts';
import { UsageError } from '../../../local/cli/usage-error.ts';
import { simulator } from '../../../local/simulator/main.ts';
import { mcp } from '../../../mcp/main.ts';
import { DamagedObjectError } from '../../../lambdas/core/store/stored-object.ts';
import { page } from '../../../ops/page.ts';
import { check } from '../../../tools/check.ts';
import { checkColumns } from '../../../program/deploy/check-columns.ts';
import { deploy } from '../../../program/deploy/deploy.ts';
import { synth } from '../../../program/synth.ts';
import { writePolicies } from '../../../policies/main.ts';
import { scopes } from '../../../tools/scopes.ts';
import { runHere } from '../../support/start-process.ts';

const start = startCommand();
const ofProgram: readonly Command[] = [
  start,
  query,
  doctor,
  mcp,
  simulateEvent,
  simulator,
  scopes,
  cost,
  writePolicies,
  synth,
  page,
  deploy,
  checkColumns,
];
const commands: readonly Command[] = [...ofProgram, check, soak, bench];
const root = resolve(import.meta.dirname, '../../..');
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

function parse<S extends z.ZodType>(line: CommandLine<S>, args: readonly string[]): z.output<S> {
  const parsed = parseCommandLine(args, line);
  if (parsed.help) throw new Error('asks for help');
  return validate(line.input, parsed.values, line);
}

const run = (line: Command, ...args: string[]) => runHere({}, () => commandStatus(line, args));

it('synth writes to a folder of its own, and not to that of the CDK app which uses the package', () => {
  expect(parse(synth, [])).toMatchObject({ out: 'templates.out' });
});

describe.each(commands)('$command', (line) => {
  it('is a script', () => {
    const name = line.command.replace(/^(npm run|npx prospect-lake) /, '');
    expect(scripts[name]).toMatch(
      ofProgram.includes(line)
        ? `node bin/prospect-lake.js ${name}`
        : /^node bin\/require-node-24\.js && node \S+\.ts$/,
    );
  });

  it('--help says what it does, and lists its flags', async () => {
    const { code, stdout, stderr } = await run(line, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [summary = '', usage = ''] = stdout.split('\n\n');
    expect(summary.replaceAll('\n', ' ')).toBe(line.summary);
    expect(usage.startsWith(`Usage: ${line.command}`)).toBe(true);
    for (const flag of Object.keys(line.flags)) expect(stdout).toContain(`\n  --${flag}`);
  });

  it('refuses an unknown flag, in one line that says how to list its flags', async () => {
    const dashes = ofProgram.includes(line) ? '' : ' --';
    const stderr = `Unknown option '--bogus'. Help: ${line.command}${dashes} --help\n`;
    expect(await run(line, '--bogus')).toEqual({ code: 2, stdout: '', stderr });
  });
});

it.each<[CommandLine, string[], string]>([
  [simulator, ['--leads', 'abc'], "--leads wants a whole number from 1 to 1000000, not 'abc'."],
  [simulator, ['--latency', '-1'], '--latency'],
  [simulator, ['--port', '65536'], "--port wants a whole number from 0 to 65535, not '65536'."],
  [bench, ['--leads', '-5'], "--leads wants a whole number from 1 to 1000000, not '-5'."],
  [bench, ['--leads', '0'], "--leads wants a whole number from 1 to 1000000, not '0'."],
  [bench, ['--leads', ''], "--leads wants a whole number from 1 to 1000000, not ''."],
  [soak, ['--rate', 'fast'], "--rate wants a whole number from 1 to 1000, not 'fast'."],
  [simulateEvent, [], 'event wants one of lead.created, '],
  [query, [''], 'query wants SQL in quotes, or --named'],
  [query, ['SELECT 1', '--csv', '--json'], 'query takes one of --json, --csv, --parquet and --all'],
  [query, ['SELECT 1', '--named', 'lead_funnel'], 'query wants SQL in quotes, or --named'],
  [query, ['SELECT', '1'], "'1' is one word too many"],
  [check, ['--only', 'lint,nine'], "--only: there is no step 'nine'; the steps are format, "],
  [start, ['--streams', 'leads,nonsense'], "there is no stream 'nonsense'; the streams are leads,"],
  [start, ['--streams', ''], 'no stream is named'],
  [start, ['--stream', ''], 'no stream is named'],
  [start, ['--full-refesh'], "Unknown option '--full-refesh'; did you mean --full-refresh? Help:"],
  [start, ['--start-date', '2026-02-30'], "'2026-02-30' is no date"],
  [start, ['--start-date', 'yesterday'], "'yesterday' is no date"],
  [start, ['--leads', '10', '--leads', '20'], '--leads takes one value, and has 2.'],
  [query, ['SELECT 1', '--out', 'a', '--out', 'b'], '--out takes one value, and has 2.'],
  [start, ['leads'], "'leads' is one word too many"],
  [start, ['--out'], '--out'],
  [start, ['--out='], '--out wants a path'],
])('%# unusable arguments are reported in one line', (line, args, says) => {
  const told = () => parse(line, args);
  expect(told).toThrow(UsageError);
  expect(told).toThrow(says);
  expect(told).toThrow(/^.*[.?] Help: (npx prospect-lake|npm run) [a-z-]+( --)? --help$/);
});

it('a word and a flag are passed by name, the rest are defaults', () => {
  const input = { event: 'lead.updated', id: 'x', out: 'a b', unchanged: false };
  expect(parse(simulateEvent, ['lead.updated', '--out', 'a b', 'x'])).toEqual(input);
});

it('anything after -- is not a flag', () => {
  expect(parse(query, ['--', '--help'])).toMatchObject({ sql: '--help' });
});

it('the help has no brackets around required arguments', () => {
  expect(helpOf(simulateEvent, {}, pipe)).toContain(
    'Usage: npx prospect-lake simulate-event <event> <id> [--out <dir>] [--unchanged]\n',
  );
});

it('the help fits the terminal: a text goes on below itself, and no flag is cut from its value', () => {
  const line = {
    ...simulateEvent,
    notes: ['Exit status: 0 if the watching run has taken the event.'],
    examples: ['npx prospect-lake simulate-event lead.updated x'],
  };
  expect(
    helpOf(line, {}, { width: 60, hasColour: false }),
  ).toBe(`Changes a lead in the simulator of a watching run, and sends
the signed event about it.

Usage: npx prospect-lake simulate-event <event> <id>
  [--out <dir>] [--unchanged]

  --out <dir>  folder of the run; default: .prospect-lake
  --unchanged  send the event, and change nothing

Exit status: 0 if the watching run has taken the event.

Example:
  npx prospect-lake simulate-event lead.updated x`);
});

it('the help on a very narrow terminal has each text below its name', () => {
  expect(helpOf(simulateEvent, {}, { width: 40, hasColour: false })).toContain(`
  --out <dir>
      folder of the run; default:
      .prospect-lake
`);
});

describe('a command that fails', () => {
  const failing = (error: Error) =>
    command({
      command: 'npm run fail',
      summary: 'Fails.',
      flags: { json: { help: 'answer in JSON' } },
      input: z.object({ json: z.boolean().default(false) }),
      run() {
        throw error;
      },
    });

  it('for a reason that a person can fix says so in one line, and leaves standard output alone', async () => {
    const said = { code: 2, stdout: '', stderr: 'Say which.\n' };
    expect(await run(failing(new UsageError('Say which.')))).toEqual(said);
  });

  it('also gives the reason as JSON to a program', async () => {
    const said = { code: 1, stdout: '{"error":"It is over."}\n', stderr: 'It is over.\n' };
    expect(await run(failing(new UsageError('It is over.', 1)), '--json')).toEqual(said);
  });

  it('for an unexpected reason shows its stack only to a person', async () => {
    const { code, stdout, stderr } = await run(failing(new TypeError('This is odd.')), '--json');
    expect([code, stdout]).toEqual([1, '{"error":"This is odd."}\n']);
    expect(stderr).toContain('TypeError: This is odd.\n    at ');
  });

  it('because of a damaged object of the lake names it in one line', async () => {
    const { code, stderr } = await run(failing(new DamagedObjectError('state/pipeline.json', 'is not JSON')));
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^state\/pipeline\.json is not JSON\. Restore .*\n$/)]);
  });
});
