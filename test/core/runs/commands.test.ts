import { describe, expect, it } from 'vitest';
import { tableReport } from '../../support/table-report.ts';
import { ruleFor } from '../../../lambdas/core/api/answer-rules.ts';
import { withCode } from '../../../lambdas/core/page/html.ts';
import { stillGivenText } from '../../../lambdas/core/runs/still-given.ts';
import { reportWithFlags, typed, withFlags } from '../../../lambdas/core/runs/commands.ts';

it('the advice about a forgotten person who is still given ends with a command that has the flags of its folder', () => {
  const text = stillGivenText({ remembered: 1, released: 0, stillGiven: 1, stillGivenIn: ['leads'] }) ?? '';
  expect(withFlags(text, ' --local --out lake')).toMatch(
    / npx prospect-lake ops forget --confirm --id <id> --local --out lake$/,
  );
});

it('of a refused key, a folder is told where its key is, and a deployed workspace of its secret', () => {
  const { advice } = ruleFor(401);
  expect(withFlags(advice, ' --local')).toContain(
    'Put a valid key into PROSPECTB2B_API_KEY, with the address in PROSPECTB2B_API_URL, and run again.',
  );
  expect(withFlags(advice, '')).toBe(advice);
  expect(withCode(advice, ' --local').text).not.toContain('secret');
});

it('the report that a program gets has the flags of its folder in each command', () => {
  const message = 'Approve it: npx prospect-lake ops approve-deletions --run nightly-1.';
  const jobs = tableReport({ status: 'failed', error: { code: 'deletions_held', message, requestId: null } });
  const at = '2026-11-24T02:00:00.000Z';
  const run = { runId: 'nightly-1', kind: 'nightly', status: 'partial', startedAt: at, finishedAt: at } as const;
  expect(reportWithFlags({ ...run, tables: { jobs } }, ' --local').tables['jobs']?.error?.message).toBe(
    'Approve it: npx prospect-lake ops approve-deletions --run nightly-1 --local.',
  );
});

describe('a command as a person types it for a folder', () => {
  const flags = ' --local --workspace main --out lake';

  it.each([
    ['npx prospect-lake ops run', 'npx prospect-lake ops run --local --workspace main --out lake'],
    ['npx prospect-lake start', 'npx prospect-lake start --workspace main --out lake'],
    ['npx prospect-lake query', 'npx prospect-lake query --out lake'],
    ['npx prospect-lake scopes', 'npx prospect-lake scopes'],
    ['updated_at', 'updated_at'],
  ])('%s has the flags that this command takes', (text, whole) => {
    expect(typed(text, flags)).toBe(whole);
    expect(typed(text, '')).toBe(text);
  });

  it('quotes SQL so that a shell changes nothing in it', () => {
    expect(typed('SELECT "a", $b, \'$.c\' FROM t', flags)).toBe(
      String.raw`npx prospect-lake query "SELECT \"a\", \$b, '$.c' FROM t" --out lake`,
    );
  });
});
