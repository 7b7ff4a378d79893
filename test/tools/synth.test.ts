import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'synth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the check of the templates', () => {
  it('says at once that it works, waits for no instance metadata, and fails if the app does', () => {
    const app = join(folder, 'app.js');
    writeFileSync(app, 'console.error(`metadata off: ${process.env.AWS_EC2_METADATA_DISABLED}`); process.exit(3);');
    const script = join(import.meta.dirname, '../../tools/synth.ts');
    const args = ['--app', `${process.execPath} ${app}`, '--output', join(folder, 'out')];
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    expect(stdout).toMatch(/^Making and checking the templates …\n/);
    expect(`${stdout}${stderr}`).toContain('metadata off: true');
    expect(status).toBe(1);
  });
});
