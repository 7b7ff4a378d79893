import { expect, it } from 'vitest';
import { UsageError } from '../../../local/cli/usage-error.ts';
import { whyNotMade } from '../../../local/run/assembly.ts';

const said = 'The functions cannot be built: the package xxhash-wasm is not installed. Install it: npm ci';

it.each([
  ['the bundler', '✘ [ERROR] Could not resolve "xxhash-wasm"\n\n    lambdas/core/a.ts:1:19:'],
  ['Node', "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'xxhash-wasm' imported from /checkout/lib/app.ts"],
])('a package that %s misses after a pull is named in one line, with what to do', (_, errors) => {
  expect(whyNotMade(1, errors)).toEqual(new UsageError(said, 1));
});

it('any other failure is told whole', () => {
  const error = whyNotMade(1, '✘ [ERROR] Could not resolve "./gone.ts"');
  expect(error).not.toBeInstanceOf(UsageError);
  expect(error.message).toContain('./gone.ts');
});
