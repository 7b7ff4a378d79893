import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { steps } from '../../tools/check.ts';

const tool = (name: string) => join(import.meta.dirname, '../../tools', name);
const folder = mkdtempSync(join(tmpdir(), 'check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a line of code that imports from the project, in a process of its own. */
function run(code: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const checkOf = (commands: object, choice: object = {}) =>
  run(`
    import { check } from ${JSON.stringify(tool('check.ts'))};
    const steps = Object.entries(${JSON.stringify(commands)}).map(([name, command]) => ({ name, command, holds: 'It is so' }));
    process.exitCode = check(steps, { only: [], skip: [], ...${JSON.stringify(choice)} });
  `);

describe('npm run check', () => {
  it('sees to format, generated files, types, layers, dead code, tests and templates', () => {
    expect(steps.map(({ name }) => name)).toEqual(['format', 'generated', 'types', 'lint', 'unused', 'tests', 'synth']);
  });

  it('ends well where every step does', () => {
    const { status, stdout } = checkOf({ one: 'echo first', two: 'echo second' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/first[^]*second[^]*All of it holds: one, two\.\n$/);
  });

  it('stops at the first step that fails, and says which it is and how to run it alone', () => {
    const { status, stdout, stderr } = checkOf({ one: 'exit 3', two: 'echo second' });
    expect(status).toBe(1);
    expect(stdout).not.toContain('second');
    expect(stderr).toContain("The check 'one' failed. It says: It is so. Run it alone: npm run check -- --only one");
  });

  it('runs the steps that are chosen', () => {
    expect(checkOf({ one: 'exit 3', two: 'exit 0' }, { skip: ['one'] }).status).toBe(0);
    expect(checkOf({ one: 'exit 3', two: 'exit 0' }, { only: ['two'] }).status).toBe(0);
  });

  it('refuses a step that it does not know', () => {
    const { status, stdout, stderr } = checkOf({ one: 'echo first' }, { skip: ['nine'] });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: "There is no step 'nine'. The steps are: one.\n",
    });
  });
});

describe('a generated file', () => {
  const target = join(folder, 'made.md');
  const generate = (content: string, ...args: string[]) =>
    run(`
      import { writeGenerated } from ${JSON.stringify(tool('generated-file.ts'))};
      process.exitCode = writeGenerated(${JSON.stringify(target)}, ${JSON.stringify(content)}, ${JSON.stringify(args)});
    `);

  it('is missed, written, found fresh, and found stale with the command that makes it', () => {
    const stale = { status: 1, stdout: '', stderr: 'made.md is stale. Run: npm run generate\n' };
    expect(generate('new', '--check')).toEqual(stale);
    expect(generate('new').status).toBe(0);
    expect(readFileSync(target, 'utf8')).toBe('new');
    expect(generate('new', '--check').status).toBe(0);
    writeFileSync(target, 'touched by hand');
    expect(generate('new', '--check')).toEqual(stale);
    expect(readFileSync(target, 'utf8')).toBe('touched by hand');
  });
});
