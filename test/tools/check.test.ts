import { afterEach, expect, it, vi } from 'vitest';
import { runSteps } from '../../tools/check.ts';

afterEach(() => vi.restoreAllMocks());

function runs(commands: Readonly<Record<string, string>>, choice: Parameters<typeof runSteps>[1] = {}) {
  let told = '';
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      told += String(text);
      return true;
    });
  }
  const steps = Object.entries(commands).map(([name, command]) => ({ name, command, holds: 'It is so' }));
  return { status: runSteps(steps, choice), told };
}

it('succeeds if every step does', () => {
  expect(runs({ one: 'exit 0', two: 'exit 0' })).toMatchObject({
    status: 0,
    told: expect.stringMatching(/All of it holds: one, two\.\n$/),
  });
});

it('stops at the first failing step, and says which it is and how to run it alone', () => {
  const { status, told } = runs({ one: 'exit 3', two: 'exit 0' });
  expect(status).toBe(1);
  expect(told).not.toContain('two');
  expect(told).toContain("The check 'one' failed. It says: It is so. Run it alone: npm run check -- --only one");
});

it('runs the chosen steps', () => {
  expect(runs({ one: 'exit 3', two: 'exit 0' }, { skip: ['one'] }).status).toBe(0);
  expect(runs({ one: 'exit 3', two: 'exit 0' }, { only: ['two'] }).status).toBe(0);
});
