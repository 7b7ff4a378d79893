import { afterEach, expect, it, vi } from 'vitest';
import { assemble } from '../../../local/simulator/assemble.ts';

vi.mock(import('../../../lambdas/streams/registry.ts'), async (importOriginal) => {
  const registry = await importOriginal();
  return { ...registry, streams: [...registry.streams, { ...registry.streamNamed('jobs'), name: 'unanswered' }] };
});
afterEach(() => vi.restoreAllMocks());

it('a stream without rows is named when the simulator starts, and answered at once as a path that does not exist', () => {
  const warn = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { workspace } = assemble({ leads: 10 });
  expect(warn.mock.calls).toEqual([
    [
      `The simulator has no table 'unanswered', so reading it ends with 404: CONTRIBUTING.md, "Add a stream", step 3.\n`,
    ],
  ]);
  expect(() => workspace.table('unanswered')).toThrow(expect.objectContaining({ status: 404 }));
});
