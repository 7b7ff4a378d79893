import { describe, expect, it } from 'vitest';
import { typed } from '../../../lambdas/core/runs/commands.ts';

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
