import { expect, it } from 'vitest';
import { measure } from '../../cost/measure.ts';
import { readReference, risenCalls, sizes } from '../../cost/reference.ts';
import { inProcess } from '../support/in-process.ts';

it('no phase makes a tenth more calls than recorded; if intended: npm run cost:record && npm run generate', async () => {
  const now = await measure(sizes.small, { startInstance: inProcess });
  expect(risenCalls(readReference().small.phases, now.phases)).toEqual([]);
});
