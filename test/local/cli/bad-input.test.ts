import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { startProcess } from '../../support/start-process.ts';

/** What `npm start` cannot use: said in one line, before anything is written. */

let folder: string;
let simulator: Simulator;

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

/** Where a server was, so that nothing else has the port. */
let deadUrl: string;
const cases: [what: string, args: () => string[], says: RegExp][] = [
  ['an address without a key', () => ['--api-url', deadUrl], /No API key: give one with --api-key/],
  ['a key without an address', () => ['--api-key', 'secret-key'], /give one with --api-url/],
  [
    'an address without a scheme',
    () => ['--api-url', 'example', '--api-key', 'secret-key'],
    /'example' is not an address/,
  ],
  [
    'another base path',
    () => ['--api-url', 'http://127.0.0.1:1/api', '--api-key', 'secret-key'],
    /does not end in \/api\/public\/v1/,
  ],
  ['a refused key', () => ['--api-url', simulator.baseUrl, '--api-key', 'secret-key'], /refused the key \(401\)/],
  [
    'a key that no header can carry',
    () => ['--api-url', simulator.baseUrl, '--api-key', 'secret\nkey'],
    /The API key holds .* a line break/,
  ],
  [
    'an address where nothing answers',
    () => ['--api-url', deadUrl, '--api-key', 'secret-key'],
    /does not answer \(ECONNREFUSED\)\. Check the address/,
  ],
  [
    'an unknown stream',
    () => ['--streams', 'leads,nonsense'],
    /there is no stream 'nonsense'\. The streams are: leads,/,
  ],
  ['no stream at all', () => ['--streams', ''], /no stream is named/],
  ['a date that is none', () => ['--start-date', '2026-02-30'], /'2026-02-30' is not a date/],
  ['a date in words', () => ['--start-date', 'yesterday'], /'yesterday' is not a date/],
  ['an output folder below a file', () => ['--out', join(folder, 'a-file', 'out')], /cannot be written \(ENOTDIR\)/],
  ['an output folder that is a file', () => ['--out', join(folder, 'a-file')], /cannot be written \(EEXIST\)/],
  ['an output folder where none can be', () => ['--out', '/proc/prospect-lake'], /cannot be written \(\w+\)/],
  ['a report in a folder that is not there', () => ['--report', 'nowhere/report.json'], /report .* cannot be written/],
  ['a report that is a folder', () => ['--out', 'new/er', '--report', 'new'], /is a folder; name a file/],
  [
    'a number of leads that is none',
    () => ['--leads', 'many'],
    /--leads wants a whole number from 1 to 1,000,000, not 'many'/,
  ],
  [
    'more leads than the simulator makes',
    () => ['--leads', '1000001'],
    /--leads wants a whole number from 1 to 1,000,000, not '1000001'/,
  ],
  ['an unknown flag', () => ['--frobnicate'], /Unknown option '--frobnicate'/],
  ['a word that belongs to no flag', () => ['leads'], /Unexpected argument 'leads'/],
  ['a flag without its value', () => ['--out'], /--out/],
];

describe('npm start', () => {
  it.concurrent.each(cases)('given %s, says so in a line and ends 2', { timeout: 60_000 }, async (_, args, says) => {
    const { code, stdout, stderr } = await startProcess('start', args(), { cwd: folder }).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/^\s+at |secret.key/m);
  });

  it('takes address and key from the environment as well', async () => {
    const environment = { PROSPECTB2B_API_URL: simulator.baseUrl, PROSPECTB2B_API_KEY: 'secret-key' };
    const { code, stderr } = await startProcess('start', [], { cwd: folder, environment }).ended;
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('refused the key (401)') });
  });

  it('has written nothing for any of them', async () => {
    expect(await readdir(folder)).toEqual(['a-file']);
  });
});

describe('npm run query', () => {
  it.each([
    ['no SQL', [], /No SQL\. Usage/],
    ['a folder without tables', ['SELECT 1', '--out', 'nowhere'], /no tables under nowhere\. Run npm start first/],
    ['an unknown flag', ['--frobnicate'], /Unknown option '--frobnicate'/],
  ])('given %s, says so in a line and ends 2', async (_, args, says) => {
    const { code, stderr } = await startProcess('query', args, { cwd: folder }).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
