import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mutations } from '../crash/mutation-list.ts';

const lambdas = join(import.meta.dirname, '../../lambdas');

/** `npm run test:mutation` takes long and runs seldom; this quick test shows that its faults can still be planted. */
it.each(mutations)('the fault "$name" can still be planted: its text stands once in $file', ({ file, from, to }) => {
  expect(readFileSync(join(lambdas, file), 'utf8').split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
});
