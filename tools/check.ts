/**
 * `npm run check`: checks everything that must hold, fastest first, and stops at the first failure. With
 * `-- --only lint,types` it runs only these steps, with `-- --skip tests` all but this step.
 */

import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { namesOf } from '../local/cli/flag-values.ts';
import { command, runCommand } from '../local/cli/run-command.ts';

export interface Step {
  readonly name: string;
  /** What the step checks, as a sentence for the message of a failure. */
  readonly holds: string;
  /** Shell command, run at the root of the project with node_modules/.bin on the PATH. */
  readonly command: string;
}

export const steps: readonly Step[] = [
  { name: 'format', holds: 'Every file is formatted (npm run format does it)', command: 'biome format .' },
  {
    name: 'generated',
    holds: 'The generated files are fresh (npm run generate makes them)',
    command: 'node tools/generate.ts --check',
  },
  { name: 'types', holds: 'The types agree', command: 'tsc -p . && tsc -p page' },
  { name: 'lint', holds: 'The code keeps the rules, those of the layers among them', command: 'oxlint' },
  {
    name: 'unused',
    holds: 'No file, export or dependency is unused',
    command: 'knip --no-progress --treat-config-hints-as-errors',
  },
  { name: 'tests', holds: 'The tests pass', command: 'vitest run' },
  { name: 'synth', holds: 'The templates can be made, and pass cdk-nag', command: 'node tools/synth.ts' },
  {
    name: 'templates',
    holds: 'cfn-lint finds nothing in the templates, if it is installed',
    command: 'node tools/cfn-lint.ts',
  },
];

interface Choice {
  /** Names of the steps to run. Undefined: all. */
  readonly only?: readonly string[] | undefined;
  readonly skip?: readonly string[] | undefined;
}

/** Runs the chosen steps. @returns the exit status: 1 if a step failed */
export function runSteps(all: readonly Step[], { only, skip = [] }: Choice): number {
  const chosen = all.filter(({ name }) => (only?.includes(name) ?? true) && !skip.includes(name));
  for (const step of chosen) {
    const startedAt = performance.now();
    process.stdout.write(`== ${step.name}: ${step.command}\n`);
    if (!passes(step)) {
      process.stderr.write(
        `\nThe check '${step.name}' failed. It says: ${step.holds}. Run it alone: npm run check -- --only ${step.name}\n`,
      );
      return 1;
    }
    process.stdout.write(`== ${step.name}: good, ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
  }
  process.stdout.write(`All of it holds: ${chosen.map(({ name }) => name).join(', ')}.\n`);
  return 0;
}

function passes({ command }: Step): boolean {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const path = [fileURLToPath(new URL('../node_modules/.bin', import.meta.url)), process.env['PATH']].join(delimiter);
  const { status } = spawnSync(command, {
    cwd: root,
    shell: true,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  return status === 0;
}

const stepNames = (flag: string) =>
  namesOf(
    flag,
    'step',
    steps.map(({ name }) => name),
  ).optional();

export const check = command({
  command: 'npm run check',
  summary: 'Sees to everything that must hold, and stops at the first that does not.',
  flags: {
    only: { value: '<a,b>', isList: true, help: `these steps alone, of ${steps.map(({ name }) => name).join(', ')}` },
    skip: { value: '<a,b>', isList: true, help: 'all but these' },
  },
  input: z.strictObject({ only: stepNames('--only'), skip: stepNames('--skip') }),
  run: async (choice) => runSteps(steps, choice),
});

if (import.meta.main) await runCommand(check);
