import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { endOf } from '../../support/start-process.ts';

/** The commands of package.json that lie in local and bench, as somebody types them who does not know them. */

const root = resolve(import.meta.dirname, '../../..');
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
const commands = Object.entries(scripts).flatMap(([name, line]) => {
  const script = /&& node ((?:local|bench)\/\S+)$/.exec(line)?.[1];
  return script === undefined ? [] : [[name, script] as const];
});

async function run(script: string, ...args: string[]) {
  return endOf(spawn(process.execPath, [join(root, script), ...args], { stdio: ['ignore', 'pipe', 'pipe'] }));
}

describe.each(commands)('npm run %s', (name, script) => {
  const command = name === 'start' ? 'npm start' : `npm run ${name}`;

  it('--help tells its flags', async () => {
    const { code, stdout, stderr } = await run(script, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: ${command} -- `);
  });

  it('refuses a flag that it does not have, in a line that says how to learn of those that it has', async () => {
    expect(await run(script, '--bogus')).toEqual({
      code: 2,
      stdout: '',
      stderr: `Unknown option '--bogus'. Its flags: ${command} -- --help\n`,
    });
  });
});

it('all of them are tried here', () => {
  expect(commands.map(([name]) => name).toSorted()).toEqual(
    ['bench', 'query', 'simulate-event', 'simulator', 'soak', 'start'].toSorted(),
  );
});

it.each([
  ['local/simulator/main.ts', ['--leads', 'abc'], "--leads wants a whole number from 1 to 1,000,000, not 'abc'.\n"],
  ['local/simulator/main.ts', ['--latency', '-1'], /--latency/],
  ['local/simulator/main.ts', ['--port', '65536'], "--port wants a port from 0 to 65535, not '65536'.\n"],
  ['bench/run.ts', ['--leads', '0'], "--leads wants a whole number from 1 to 1,000,000, not '0'.\n"],
  ['bench/soak.ts', ['--rate', 'fast'], "--rate wants events a second, up to 1000, not 'fast'.\n"],
  ['local/cli/simulate-event.ts', [], /^No event\. The events are: lead\.created, /],
])('%s %j says in a line what it wants', async (script, args, says) => {
  const { code, stderr } = await run(script, ...args);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: typeof says === 'string' ? says : expect.stringMatching(says),
  });
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});
