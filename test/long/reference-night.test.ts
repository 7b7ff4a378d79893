import { expect, it } from 'vitest';
import { measure } from '../../cost/measure.ts';
import { readReference, sizes } from '../../cost/reference.ts';
import { inProcess } from '../support/in-process.ts';

/** Most calls that are allowed: a tenth more than before, plus two for calls that are rarely made. */
const most = (before: number) => before * 1.1 + 2;

it('no phase makes a tenth more calls than recorded; if intended: npm run cost:record && npm run generate', async () => {
  const { small } = readReference();
  const now = await measure(sizes.small, { startInstance: inProcess });
  const dearer = Object.entries(now.phases).flatMap(([phase, { calls, invocations, apiRequests }]) => {
    const before = small.phases[phase as keyof typeof small.phases];
    const kinds = { ...calls, ...invocations, 'requests to the API': apiRequests };
    const known: Record<string, number> = {
      ...before.calls,
      ...before.invocations,
      'requests to the API': before.apiRequests,
    };
    return Object.entries(kinds)
      .filter(([kind, count]) => count > most(known[kind] ?? 0))
      .map(([kind, count]) => `${phase}: ${kind} rose from ${known[kind] ?? 0} to ${count}`);
  });
  expect(dearer).toEqual([]);
});
