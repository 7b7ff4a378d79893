import { expect, it } from 'vitest';
import { z } from 'zod';
import { updateJson } from '../../lambdas/core/stored-json.ts';
import { MemoryStore } from '../support/memory-store.ts';

it('no change of a stored object is lost where many change it at once', async () => {
  const store = new MemoryStore();
  const names = Array.from({ length: 10 }, (_, number) => `change-${number}`);
  await Promise.all(
    names.map((name) => updateJson(store, 'state/x.json', z.array(z.string()), [], (value) => [...value, name])),
  );
  expect(store.json('state/x.json')).toEqual(expect.arrayContaining(names));
});
