import { expect, it } from 'vitest';
import { parseCommandLine, validate } from '../../../local/cli/command-line.ts';
import { UsageError } from '../../../local/cli/usage-error.ts';
import { readOperations } from '../../../local/simulator/operations.ts';
import { simulator } from '../../../local/simulator/main.ts';

function parsed(args: string[]) {
  const parsed = parseCommandLine(args, simulator);
  return validate(simulator.input, parsed.help ? {} : parsed.values, simulator);
}

it.each([
  [['--leads', '50', '--order', 'newest', '--offset-cursors'], { leads: 50, order: 'newest', cursors: 'offset' }],
  [['--lag-minutes', '90', '--quiet-parents', '--losses'], { lagMinutes: 90, quietParents: true, losses: true }],
  [['--stray-ids', '5', '--half', 'leads, jobs'], { strayIds: 0.05, half: ['leads', 'jobs'] }],
  [['--limit-as-forbidden', '--requests-per-minute', '60'], { limitStatus: 403, requestsPerMinute: 60 }],
])('%j are options', (args, options) => {
  expect(parsed(args)).toEqual({ options });
});

it('a key without some scopes has all others', () => {
  const { scopes } = parsed(['--without-scopes', 'jobs.read,inbox.read']).options;
  const all = new Set(readOperations().map(({ scope }) => scope));
  expect(new Set(scopes)).toEqual(all.difference(new Set(['jobs.read', 'inbox.read'])));
});

it.each([
  [['--order', 'zigzag'], /^--order wants usual or created or /],
  [['--empty', 'jobs,nothing'], /^--empty: there is no table 'nothing'/],
  [['--new-day', '0'], /^--new-day wants a whole number from 1/],
  [['--leads', 'abc'], /^--leads wants a whole number from 1 to 1000000, not 'abc'/],
  [['--zig'], /^Unknown option '--zig'/],
])('%j cannot be used', (args, message) => {
  expect(() => parsed(args)).toThrow(UsageError);
  expect(() => parsed(args)).toThrow(message);
});
