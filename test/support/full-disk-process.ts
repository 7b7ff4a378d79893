/** Writes messages to a state file that may not grow, as on a disk that is full. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOnFullDisk } from '../../local/cli/full-disk.ts';
import { StateFile } from '../../local/cloud/state-file.ts';

endOnFullDisk();
const state = new StateFile(mkdtempSync(join(tmpdir(), 'full-disk-')));
state.prepare('PRAGMA max_page_count = 12').get();
const insert = state.prepare('INSERT INTO messages (id, queue, message, receives) VALUES (?, ?, ?, 0)');
for (let id = 0; ; id += 1) {
  state.join();
  insert.run(String(id), 'queue', 'x'.repeat(1_000));
  await new Promise((resolve) => setTimeout(resolve));
}
