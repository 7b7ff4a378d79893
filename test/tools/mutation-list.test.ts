import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mutations } from '../crash/mutation-list.ts';

it.each(mutations)('there is one place to break so that $name', ({ file, from, to }) => {
  const text = readFileSync(join(import.meta.dirname, '../../lambdas', file), 'utf8');
  expect(text.split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
});
