import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** `npm run check [-- --skip tests]`: everything that must hold, in order; stops at the first that does not. */

const steps = [
  { name: 'format', command: 'biome format .' },
  { name: 'generated', command: 'node tools/api-types/generate.ts --check && node tools/data-dictionary.ts --check' },
  { name: 'types', command: 'tsc -p .' },
  { name: 'lint', command: 'oxlint --type-aware --deny-warnings' },
  { name: 'unused', command: 'knip' },
  { name: 'tests', command: 'vitest run' },
  { name: 'synth', command: 'npm run --silent synth' },
] as const;

const { values } = parseArgs({ options: { skip: { type: 'string', multiple: true, default: [] } } });
const unknown = values.skip.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no step '${unknown.join("', '")}'. The steps are: ${steps.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exit(2);
}

for (const { name, command } of steps.filter((step) => !values.skip.includes(step.name))) {
  const startedAt = Date.now();
  process.stdout.write(`${name}: ${command}\n`);
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`\nThe check '${name}' failed. Run it alone: npx ${command}\n`);
    process.exit(1);
  }
  process.stdout.write(`${name}: good, ${((Date.now() - startedAt) / 1_000).toFixed(1)} s\n\n`);
}
