/** Input that `npm start` and `npx prospect-lake query` cannot use: the commands say so in one line and write nothing. */

import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCommandLine, validate } from '../../../local/cli/command-line.ts';
import { checkApi, checkPaths } from '../../../local/cli/preflight.ts';
import { startLine, startOptions } from '../../../local/cli/start-options.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { runQuery, startProcess } from '../../support/start-process.ts';

let folder: string;
let simulator: Simulator;
/** A port on which a server ran before, so that nothing else listens there. */
let deadUrl: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bad-input-'));
  await writeFile(join(folder, 'a-file'), '');
  const dead = await startSimulator({ leads: 1 });
  deadUrl = dead.baseUrl;
  await dead.stop();
  simulator = await startSimulator({ leads: 1 });
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

function options(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const parsed = parseCommandLine(args, startLine);
  if (parsed.help) throw new Error('asks for help');
  return startOptions(validate(startLine.input, parsed.values, startLine), environment);
}

const url = 'http://127.0.0.1:1/api/public/v1';
const refused = (says: RegExp) => expect.objectContaining({ name: 'UsageError', message: expect.stringMatching(says) });

describe('npm start refuses', () => {
  it('no empty variable: it counts as not set', () => {
    expect(options([], { PROSPECTB2B_API_KEY: '' })).toMatchObject({ api: undefined });
  });

  it.each<[what: string, args: string[], says: RegExp]>([
    ['an address without a key', ['--api-url', url], /No API key: give one with --api-key/],
    ['an empty key', ['--api-url', url, '--api-key', ''], /--api-key is empty/],
    ['a key without an address', ['--api-key', 'secret-key'], /Give the address with --api-url/],
    ['an address without a scheme', ['--api-url', 'example', '--api-key', 'k'], /'example' is not an address/],
    ['another base path', ['--api-url', 'https://a/api', '--api-key', 'k'], /has to end in '\/api\/public\/v1'/],
    [
      'a way that shows the key',
      ['--api-url', 'http://a/api/public/v1', '--api-key', 'k'],
      /to be an https URL: the key/,
    ],
    ['a key that no header can carry', ['--api-url', url, '--api-key', 'secret\nkey'], /contains .* a line break/],
    ['a number of leads to simulate', ['--api-url', url, '--api-key', 'k', '--leads', '10'], /size of a simulated/],
    ['a rate that no workspace can have', ['--requests-per-minute', '1'], /from 2 to 1000000, not '1'/],
    ['a port without --watch', ['--webhook-port', '9000'], /--webhook-port is the port of a run with --watch/],
    ['a start date in the future', ['--start-date', '2999-01-01'], /is in the future/],
  ])('%s, without showing the key', (_, args, says) => {
    expect(() => options(args)).toThrow(refused(says));
    expect(() => options(args)).toThrow(/^(?!.*secret.key)/s);
  });

  it('a key that the API refuses, and an address that does not answer', async () => {
    await expect(checkApi(simulator.baseUrl, 'secret-key', 'PROSPECTB2B_API_KEY')).rejects.toThrow(
      refused(/refused the key from PROSPECTB2B_API_KEY \(401\)/),
    );
    await expect(checkApi(deadUrl, 'secret-key', 'PROSPECTB2B_API_KEY')).rejects.toThrow(
      refused(/^Nothing listens at 127\.0\.0\.1:\d+: .*\. Check the address/),
    );
    // A name may have several addresses, each with its error. fetch refuses some ports itself.
    await expect(
      checkApi(deadUrl.replace('127.0.0.1', 'localhost'), 'secret-key', 'PROSPECTB2B_API_KEY'),
    ).rejects.toThrow(refused(/^Nothing listens at localhost:\d+: .*\. Check the address/));
    await expect(checkApi(url, 'secret-key', 'PROSPECTB2B_API_KEY')).rejects.toThrow(
      refused(/^The port of 127\.0\.0\.1:1 cannot be asked/),
    );
    // The simulator speaks no TLS.
    await expect(
      checkApi(simulator.baseUrl.replace('http:', 'https:'), 'secret-key', 'PROSPECTB2B_API_KEY'),
    ).rejects.toThrow(refused(/^127\.0\.0\.1:\d+ does not speak TLS at this port\. Check https or http/));
  });

  it.each<[what: string, out: string, report: string | undefined, says: RegExp]>([
    ['an output folder below a file', 'a-file/out', undefined, /cannot be written \(ENOTDIR\)/],
    ['an output folder that is a file', 'a-file', undefined, /cannot be written \(EEXIST\)/],
    ['an output folder where none can be', '/proc/prospect-lake', undefined, /cannot be written \(\w+\)/],
    ['a folder of other files', '.', undefined, /is not empty and holds no lake: choose another/],
    ['a report in a folder that is not there', 'new', 'nowhere/report.json', /report .* cannot be written/],
    ['a report that is a folder', 'new/er', 'new', /is a folder; name a file/],
  ])('%s, and leaves nothing behind', async (_, out, report, says) => {
    const at = (path: string) => (path.startsWith('/') ? path : join(folder, path));
    await expect(checkPaths(at(out), report && at(report))).rejects.toThrow(refused(says));
    expect(await readdir(folder)).toEqual(['a-file']);
  });
});

describe('npm start', () => {
  it('also takes the address and the key from the environment', () => {
    const environment = { PROSPECTB2B_API_URL: `${url}/`, PROSPECTB2B_API_KEY: ' k ' };
    expect(options([], environment).api).toEqual({ url, key: 'k', keyFrom: 'PROSPECTB2B_API_KEY' });
    expect(options(['--api-key', 'other'], environment).api).toEqual({ url, key: 'other', keyFrom: '--api-key' });
  });

  it('makes its folder readable by nobody else, because it holds personal data', async () => {
    const out = join(folder, 'above', 'out');
    await checkPaths(out, undefined);
    const { mode } = await stat(out);
    await rm(join(folder, 'above'), { recursive: true });
    expect((mode & 0o777).toString(8)).toBe('700');
  });

  it('as a process says what is wrong in one line, exits 2, and writes nothing', async () => {
    const args = ['--api-url', simulator.baseUrl, '--api-key', 'secret-key'];
    const { code, stdout, stderr } = await startProcess(args, { cwd: folder }).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^The API at .* refused the key from --api-key \(401\)\. .*\n$/);
    expect(await readdir(folder)).toEqual(['a-file']);
  });
});

describe('npx prospect-lake query', () => {
  it('says what to do if there are no tables', async () => {
    const { code, stderr } = await runQuery(['SELECT 1', '--out', 'nowhere'], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^There are no tables under nowhere\. Run npx prospect-lake start first.*\n$/),
    });
  });
});
