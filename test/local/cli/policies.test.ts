import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { commandStatus } from '../../../local/cli/run-command.ts';
import { writePolicies } from '../../../policies/main.ts';
import { scopes } from '../../../tools/scopes.ts';
import { runHere } from '../../support/start-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'policies-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(
  join(folder, 'prospect-lake.config.mjs'),
  "export const workspaces = [{ name: 'sales', account: '111122223333', region: 'eu-central-1' }];\n",
);

const empty = mkdtempSync(join(tmpdir(), 'no-config-'));
afterAll(() => rmSync(empty, { recursive: true, force: true }));

const policies = (...args: string[]) => runHere({ cwd: folder }, () => commandStatus(writePolicies, args));

it.each([
  ['--region', 'eu-west-1', 'eu-central-1'],
  ['--account', '444455556666', '111122223333'],
])('prospect-lake policies writes nothing if %s is not what the configuration names', async (flag, given, ours) => {
  expect(await policies('--workspace', 'sales', flag, given)).toEqual({
    code: 2,
    stdout: '',
    stderr: `The configuration has ${ours} for workspace 'sales', and ${flag} says ${given}. Leave out ${flag}, or change prospect-lake.config.mjs.\n`,
  });
  expect(readdirSync(folder)).not.toContain('policies.out');
});

it('prospect-lake policies takes the region of the configuration, said or not', async () => {
  expect(await policies('--workspace', 'sales', '--region', 'eu-central-1', '--out', 'said')).toMatchObject({
    code: 0,
  });
  expect(await policies('--out', 'unsaid')).toMatchObject({ code: 0 });
  expect(readdirSync(join(folder, 'said'))).toEqual(readdirSync(join(folder, 'unsaid')));
});

it('prospect-lake policies allows a key that only the command names, such as one that a CDK app makes', async () => {
  const key = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
  expect(await policies('--kms-key', key, '--out', 'with-key')).toMatchObject({ code: 0 });
  for (const name of ['analyst', 'modeler', 'observe', 'operate', 'maintain', 'deploy'])
    expect(readFileSync(join(folder, `with-key/${name}.json`), 'utf8')).toContain(`"${key}"`);
  expect(await policies('--kms-key', 'alias/mine')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--kms-key wants the ARN of a KMS key that ends in its id'),
  });
});

it('prospect-lake policies names the configuration file that there is, if it has no such workspace', async () => {
  expect(await policies('--workspace', 'sale')).toEqual({
    code: 2,
    stdout: '',
    stderr: "There is no workspace 'sale' in prospect-lake.config.mjs: say --workspace sales.\n",
  });
});

it.each([
  ['policies', writePolicies],
  ['scopes', scopes],
])('prospect-lake %s says that a folder has no configuration, and what it uses', async (_, run) => {
  const { code, stderr } = await runHere({ cwd: empty }, () => commandStatus(run, []));
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: "This folder has no prospect-lake.config.ts: the default configuration is used, with 'main'.\n",
  });
});

it('prospect-lake scopes tells those of one workspace if it is named', async () => {
  const here = mkdtempSync(join(tmpdir(), 'two-'));
  writeFileSync(
    join(here, 'prospect-lake.config.mjs'),
    "export const workspaces = [{ name: 'sales' }, { name: 'partners' }];",
  );
  const said = (...args: string[]) => runHere({ cwd: here }, () => commandStatus(scopes, args));
  const [both, one] = [await said(), await said('--workspace', 'partners')];
  rmSync(here, { recursive: true });
  expect(both.stdout).toMatch(/'sales' needs[\s\S]*'partners' needs/);
  expect(one.stdout).toMatch(/^The API key of the workspace 'partners' needs:/);
  expect(one.stdout).not.toContain('sales');
});
