import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Ended } from './start-process.ts';

const script = fileURLToPath(new URL('../../ops/main.ts', import.meta.url));

/** `npm run ops` as a process that nobody can be asked at, against whatever AWS_ENDPOINT_URL names. */
export async function runOps(line: string): Promise<Ended> {
  const child = spawn(process.execPath, [script, ...line.split(' ').filter(Boolean)], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
