import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ChunkLog } from '../../../lambdas/core/rows/chunk-log.ts';
import { readJson, updateJson } from '../../../lambdas/core/store/stored-json.ts';
import { MemoryStore } from '../../support/memory-store.ts';

it('no change of a stored object is lost if many writers change it at once', async () => {
  const store = new MemoryStore();
  const names = Array.from({ length: 10 }, (_, number) => `change-${number}`);
  await Promise.all(
    names.map((name) => updateJson(store, 'state/x.json', z.array(z.string()), [], (value) => [...value, name])),
  );
  expect(store.json('state/x.json')).toEqual(expect.arrayContaining(names));
});

describe('a damaged object is named, with what to do and without its content', () => {
  const restore = 'Restore its previous version';
  const store = new MemoryStore();

  it.each([
    ['state/x.json', 'Planted Person', 'state/x.json is not JSON.'],
    ['state/x.json', '{"who":"Planted Person"}', 'state/x.json does not have the form that the pipeline writes.'],
    ['runs/x/seen/leads.json.gz', 'Planted Person', 'runs/x/seen/leads.json.gz is not JSON under gzip.'],
  ])('%s of %s', async (key, text, fault) => {
    await store.put(key, text);
    const reading = readJson(store, key, z.array(z.string()));
    await expect(reading).rejects.toThrow(`${fault} ${restore}`);
    await expect(reading).rejects.not.toThrow('Planted');
  });

  it('an object whose bytes have changed', async () => {
    const failing = Object.assign(new MemoryStore(), {
      get: () => Promise.reject(new Error('Checksum mismatch: expected "a" but received "b".')),
    });
    const damaged = `state/x.json is damaged: its checksum does not match. ${restore}`;
    await expect(readJson(failing, 'state/x.json', z.unknown())).rejects.toThrow(damaged);
  });

  it('a raw chunk', async () => {
    const log = new ChunkLog(store, 'leads', 'nightly-1', 'leads.list.0');
    await store.put('raw/leads/nightly-1/leads.list.0/000000.ndjson.gz', 'no gzip');
    await expect(log.lines(0)).rejects.toThrow(
      `raw/leads/nightly-1/leads.list.0/000000.ndjson.gz is not a complete gzip file. ${restore}`,
    );
  });
});
