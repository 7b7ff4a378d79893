import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StateFile } from '../../../local/cloud/state-file.ts';

it('holds no byte of a deleted message: it may name a person who was forgotten since', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'state-file-'));
  const state = new StateFile(folder);
  state.join();
  const insert = state.prepare('INSERT INTO messages (id, queue, message, receives) VALUES (?, ?, ?, 0)');
  for (let id = 0; id < 100; id += 1) insert.run(`message-${id}`, 'extract', `lead-${id} `.repeat(100));
  state.commit();
  state.prepare('DELETE FROM messages').run();
  state.close();
  expect(await readdir(folder)).toEqual(['state.sqlite']);
  expect((await readFile(join(folder, 'state.sqlite'))).includes('lead-')).toBe(false);
  await rm(folder, { recursive: true });
});
