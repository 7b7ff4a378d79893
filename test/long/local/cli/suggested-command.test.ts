/** Commands in messages work when they are copied unchanged. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { outFlag } from '../../../../local/cli/out-flag.ts';

const root = resolve(import.meta.dirname, '../../../..');
const shell = (line: string) => spawn('sh', ['-c', line], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });

async function run(line: string): Promise<{ code: number | null; text: string }> {
  const child = shell(line);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const code = await new Promise<number | null>((ended) => child.once('close', ended));
  return { code, text };
}

describe('what a watching run prints', () => {
  let folder: string;
  let told = '';
  let end: () => Promise<number | null>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'two words '));
    const flags = ['--leads', '10', '--streams', 'leads', '--watch', '--webhook-port', '0', '--out', folder];
    const child = spawn(process.execPath, ['bin/prospect-lake.js', 'start', ...flags], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      told += part;
    });
    const ended = new Promise<number | null>((resolved) => child.once('close', resolved));
    end = () => {
      child.kill('SIGINT');
      return ended;
    };
    await vi.waitUntil(() => told.includes('Send an event: '), { timeout: 90_000, interval: 100 });
  }, 120_000);
  afterAll(async () => {
    await end();
    await rm(folder, { recursive: true, force: true });
  });
  const suggested = (text: string, after: string) =>
    text
      .split('\n')
      .find((line) => line.includes(after))
      ?.split(after)[1] ?? 'false';

  it('queries its tables', async () => {
    const { code, text } = await run(suggested(told, 'Ask them: '));
    expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/count_star\(\)\s+─+\s+10/) });
  });

  it('sends it an event', async () => {
    expect(await run(suggested(told, 'Send an event: '))).toEqual({
      code: 0,
      text: expect.stringContaining('the receiver answered 202'),
    });
  });

  it('asks for a lead if an event names one that does not exist', async () => {
    const refused = await run(`npx prospect-lake simulate-event lead.updated nobody${outFlag(folder)}`);
    expect(refused).toMatchObject({ code: 2, text: expect.stringContaining("The simulator has no lead 'nobody'.") });
    const { code, text } = await run(suggested(refused.text, 'Ask for one: '));
    expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/^id$/m) });
  });

  it('ends at Ctrl-C, even if an event still waits for its batch', async () => {
    expect(await end()).toBe(0);
  });

  it('is reported in one line as missing if it was killed', async () => {
    const dead = { webhookUrl: 'http://127.0.0.1:1/', secret: 's', apiUrl: 'http://127.0.0.1:1/', apiKey: 'k' };
    await writeFile(join(folder, '.cloud', 'watch.json'), JSON.stringify(dead));
    const { code, text } = await run(`npx prospect-lake simulate-event lead.updated some${outFlag(folder)}`);
    expect({ code, text }).toEqual({
      code: 2,
      text: `No run watches on ${folder}. Start one: npx prospect-lake start --watch${outFlag(folder)}\n`,
    });
  });
});
