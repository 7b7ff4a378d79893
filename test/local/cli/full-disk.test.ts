import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { statusOf } from '../../../local/cli/run-command.ts';
import { endOf, runHere } from '../../support/start-process.ts';

const line = /^\n?The disk is full, so nothing more can be written\. Make room.*\n$/;

it('a full disk ends the process with one line, wherever it was noticed', async () => {
  const script = fileURLToPath(new URL('../../support/full-disk-process.ts', import.meta.url));
  const ended = await endOf(spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] }));
  expect(ended).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(line) });
});

it('a full disk that a command meets itself is told in the same line', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const { code, stderr } = await runHere({}, () => statusOf(false, () => Promise.reject(full)));
  expect([code, stderr]).toEqual([1, expect.stringMatching(line)]);
});
