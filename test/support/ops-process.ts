import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Ended, endOf } from './start-process.ts';

const script = fileURLToPath(new URL('../../ops/main.ts', import.meta.url));

/** `npm run ops` as a process that nobody can be asked at, against whatever AWS_ENDPOINT_URL names. */
export async function runOps(line: string): Promise<Ended> {
  const child = spawn(process.execPath, [script, ...line.split(' ').filter(Boolean)], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return endOf(child);
}
