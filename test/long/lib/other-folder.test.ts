/** The same sources in another folder, without a network, produce the same templates and functions. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  readlinkSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentAssembly } from '../../../local/run/assembly.ts';

const root = resolve(import.meta.dirname, '../../..');
const sources = [
  'lambdas',
  'lib',
  'local',
  'policies',
  'program',
  'cdk.json',
  'package.json',
  'prospect-lake.config.ts',
];
/** Makes every use of the network fail with a message. */
const offline = `data:text/javascript,${encodeURIComponent(`
  import { Socket } from 'node:net';
  Socket.prototype.connect = () => { throw new Error('The network was used.'); };
`)}`;

let other: string;
beforeAll(() => {
  mkdirSync(join(root, '.cache'), { recursive: true });
  other = join(mkdtempSync(join(root, '.cache', 'other-')), 'further', 'down');
  for (const source of sources) cpSync(join(root, source), join(other, source), { recursive: true });
  // Links the files, because a link to the folder would lead back to the original project.
  linkFiles(join(root, 'node_modules'), join(other, 'node_modules'));
});
afterAll(() => rmSync(join(other, '..', '..'), { recursive: true, force: true }));

function linkFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFiles(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkSync(source, target);
  }
}

function digests(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).toSorted();
  return new Map(
    paths.map((path) => [relative(folder, path), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

describe('synthesis', () => {
  it('writes the same files in another folder, and needs no network', { timeout: 120_000 }, async () => {
    const here = await currentAssembly();
    const out = join(other, 'out');
    execFileSync(process.execPath, ['--import', offline, 'program/run.ts', 'synth', '--out', out], {
      cwd: other,
      env: { PATH: process.env['PATH'] },
      stdio: 'pipe',
    });
    const made = digests(out);
    expect([...made.keys()].filter((file) => file.endsWith('.template.json'))).toHaveLength(2);
    expect([...made.keys()].filter((file) => file.endsWith('index.mjs')).length).toBeGreaterThan(1);
    // Leaves out the joint bundle of all functions that a local run keeps beside the templates.
    const ours = [...digests(here)].filter(([file]) => !file.startsWith('functions/'));
    // A local run leaves out the CDK's validation of the templates.
    expect(made.delete('validation-report.json')).toBe(true);
    expect(made).toEqual(new Map(ours));
  });

  it('would fail if it used the network', () => {
    const request = ['--import', offline, '--input-type=module', '--eval', "await fetch('http://127.0.0.1:49151')"];
    expect(() => execFileSync(process.execPath, request, { stdio: 'pipe' })).toThrow('The network was used.');
  });
});
