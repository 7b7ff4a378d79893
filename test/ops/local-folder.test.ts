import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { currentAssembly } from '../../local/run/assembly.ts';
import { runOps } from '../support/ops-process.ts';
import { startScriptedServer } from '../support/scripted-server.ts';

// Processes start, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

it('a folder that was read from an API can be inspected without its key, but changed only with it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'local-'));
  writeFileSync(join(folder, 'source.json'), JSON.stringify({ kind: 'api', workspace: null }));
  vi.stubEnv('PROSPECTB2B_API_URL', '');
  vi.stubEnv('PROSPECTB2B_API_KEY', '');
  // Otherwise the command says first that it builds the functions.
  await currentAssembly();
  const seen = await runOps(`status --local --out ${folder}`);
  expect(seen).toMatchObject({ code: 0, stderr: '' });
  expect(seen.stdout).toContain('Workspace main: on.');
  const asked = await runOps(`audit --local --out ${folder}`);
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('say in PROSPECTB2B_API_URL and')]);
  const begun = await runOps(`run --yes --local --out ${folder}`);
  expect(begun).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('say in PROSPECTB2B_API_URL and') });
  expect(existsSync(join(folder, 'runs'))).toBe(false);
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

it('status builds no functions after a change of the configuration', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'local-'));
  writeFileSync(join(folder, 'source.json'), JSON.stringify({ kind: 'api', workspace: null, configured: 'main' }));
  await currentAssembly();
  const changed = "export const workspaces = [{ name: 'main', requestsPerMinute: 77 }];";
  writeFileSync(join(folder, 'prospect-lake.config.mjs'), changed);
  const seen = await runOps(`status --local --out ${folder}`, folder);
  expect(seen).toMatchObject({ code: 0, stderr: '' });
  expect(seen.stdout).toContain('Workspace main: on.');
  await rm(folder, { recursive: true, force: true });
});

it('a folder of one workspace is neither audited nor changed with the key of another one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'local-'));
  writeFileSync(join(folder, 'source.json'), JSON.stringify({ kind: 'api', workspace: 'tenant_1' }));
  const other = await startScriptedServer();
  other.script((response) => response.end(JSON.stringify({ data: { tenant: { id: 'tenant_2' } } })));
  vi.stubEnv('PROSPECTB2B_API_URL', other.baseUrl);
  vi.stubEnv('PROSPECTB2B_API_KEY', 'key');
  for (const line of ['audit', 'audit --repair', 'run --full-refresh', 'replay-dead-letters --queue extract'])
    expect(await runOps(`${line} --yes --local --out ${folder}`)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(
        `The key from PROSPECTB2B_API_KEY belongs to the workspace tenant_2, but ${folder} holds the tables of tenant_1.`,
      ),
    });
  expect(new Set(other.seen.map(({ url }) => url))).toEqual(new Set(['/api/public/v1/me']));
  expect(existsSync(join(folder, 'runs'))).toBe(false);
  vi.unstubAllEnvs();
  await other.stop();
  await rm(folder, { recursive: true, force: true });
});

it('a backfill that fails says why, and what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'local-'));
  writeFileSync(join(folder, 'source.json'), JSON.stringify({ kind: 'api', workspace: 'tenant_1' }));
  const api = await startScriptedServer();
  api.script((response) => response.writeHead(403, { 'content-type': 'application/json' }).end('{"error":{}}'));
  vi.stubEnv('PROSPECTB2B_API_URL', api.baseUrl);
  vi.stubEnv('PROSPECTB2B_API_KEY', 'key');
  const { code, stdout } = await runOps(`backfill --stream campaigns --yes --local --out ${folder}`);
  expect(code).toBe(1);
  expect(stdout).toMatch(/ended failed\.\n\nProblems:\n.*Give the key the scope me\.read/s);
  vi.unstubAllEnvs();
  await api.stop();
  await rm(folder, { recursive: true, force: true });
});
