import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFailed } from 'vitest';

const program = fileURLToPath(new URL('../../bin/prospect-lake.js', import.meta.url));

it('a program that npm or npx started ends when they are killed', async () => {
  // As npx does: a shell starts the program, and dies without it.
  const shell = spawn('sh', ['-c', `"${process.execPath}" "${program}" simulator --leads 2 & echo "pid $!"; wait`], {
    env: { ...process.env, npm_command: 'exec' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  shell.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  onTestFailed(() => {
    process.kill(Number(/pid (\d+)/.exec(said)?.[1]), 'SIGKILL');
  });
  await expect.poll(() => said, { timeout: 15_000 }).toContain('Base URL');
  shell.kill('SIGKILL');
  // Closed once no process writes to it any more.
  await once(shell.stdout, 'close');
}, 20_000);
