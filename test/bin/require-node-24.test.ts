import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');

/** Runs the version check in a process that pretends to be this version of Node. */
function guardOn(version: string) {
  const pretence = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  return spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretence)}`, join(root, 'bin/require-node-24.js')],
    { encoding: 'utf8' },
  );
}

describe('the guard of the Node version', () => {
  it.each(['24.21.0', '24.0.0', '26.1.0'])('lets Node %s pass silently', (version) => {
    expect(guardOn(version)).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it.each(['20.20.2', '22.12.0', '9.0.0'])('stops Node %s with one line that says what to do', (version) => {
    const { status, stderr } = guardOn(version);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`^Prospect Lake runs on Node 24, and this is ${version}\\..*npm ci.*npm rebuild node.*\\n$`),
    );
  });

  it('precedes every script that runs TypeScript', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    const unguarded = Object.values(scripts).filter(
      (script) => /\.ts\b|vitest|cdk|knip|oxlint/.test(script) && !script.startsWith('node bin/require-node-24.js && '),
    );
    expect(unguarded).toEqual([]);
  });
});
