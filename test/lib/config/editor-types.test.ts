import { expect, it } from 'vitest';
import { type StreamName, streams } from '../../../lambdas/streams/registry.ts';

it('an editor can suggest the names of the streams', () => {
  const known: StreamName[] = ['leads', 'lead_messages'];
  // @ts-expect-error If the type were any text, an editor would suggest nothing, and this line would be an error.
  const unknown: StreamName = 'nonsense';
  const names = streams.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(known));
  expect(names).not.toContain(unknown);
});
