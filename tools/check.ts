import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * `npm run check`: everything that must hold, quickest first; stops at the first that does not.
 * `-- --only lint` runs one step, `-- --skip tests` leaves one out; both can be given several times.
 */

export interface Step {
  readonly name: string;
  /** What it sees to, for the line that says that it does not hold. */
  readonly holds: string;
  /** For a shell at the root of the project, with node_modules/.bin on its PATH. */
  readonly command: string;
}

export const steps: readonly Step[] = [
  { name: 'format', holds: 'Every file is formatted (npm run format does it)', command: 'biome format .' },
  {
    name: 'generated',
    holds: 'The generated files are fresh (npm run generate makes them)',
    command:
      'node tools/data-dictionary.ts --check && node tools/queries-page.ts --check && node tools/configuration-page.ts --check && node tools/scopes-section.ts --check && node cost/page.ts --check && node tools/api-types/generate.ts --check && node tools/licences.ts --check',
  },
  { name: 'types', holds: 'The types agree', command: 'tsc -p .' },
  { name: 'lint', holds: 'The code keeps the rules, those of the layers among them', command: 'oxlint' },
  {
    name: 'unused',
    holds: 'No file, export or dependency is unused',
    command: 'knip --no-progress --treat-config-hints-as-errors',
  },
  { name: 'tests', holds: 'The tests pass', command: 'vitest run' },
  { name: 'synth', holds: 'The templates can be made, and pass cdk-nag', command: 'node tools/synth.ts' },
];

interface Choice {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** @returns the exit status: 1 where a step failed, 2 where a step was named that there is none of */
export function check(all: readonly Step[], { only, skip }: Choice): number {
  const unknown = [...only, ...skip].filter((name) => !all.some((step) => step.name === name));
  if (unknown.length > 0) {
    const names = all.map(({ name }) => name).join(', ');
    process.stderr.write(`There is no step '${unknown.join("', '")}'. The steps are: ${names}.\n`);
    return 2;
  }
  const chosen = all.filter(({ name }) => (only.length === 0 || only.includes(name)) && !skip.includes(name));
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

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      skip: { type: 'string', multiple: true, default: [] },
    },
  });
  process.exitCode = check(steps, values);
}
