/**
 * `prospect-lake deploy` with the real CDK library, over HTTP against a stub that speaks the protocols of
 * CloudFormation and the other services. It is killed after each step, and started again.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withCustomColumns } from '../../../lambdas/contract/custom-columns.ts';
import { currentTableOf } from '../../../lambdas/contract/stream.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { AwsStub } from '../../support/aws-stub.ts';
import { commit } from '../../support/iceberg-table.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { endOf } from '../../support/start-process.ts';

const root = resolve(import.meta.dirname, '../../..');
// The CDK waits five seconds between two requests for the state of a stack.
const long = { timeout: 900_000 };
const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prospect-lake/main/api-key-AbCdEf';
const outputs = {
  BucketName: 'prospect-lake-main-111122223333-eu-west-1',
  ApiKeySecretArn: arn,
  PlanFunctionName: 'prospect-lake-main-plan',
};
const steps = [
  'create change set of ProspectLake-main-Data',
  'execute change set of ProspectLake-main-Data',
  'put the key',
  'create change set of ProspectLake-main-Pipeline',
  'execute change set of ProspectLake-main-Pipeline',
  'start the run',
];

let simulator: Simulator;
let stub: AwsStub;
let endpoint: string;
const done: string[] = [];
beforeEach(async () => {
  simulator = await startSimulator({ leads: 5 });
  stub = new AwsStub(outputs);
  endpoint = await stub.start();
  done.length = 0;
});
afterEach(async () => {
  stub.stop();
  await simulator.stop();
});

/** Runs the program. @param killAfter kills the program when this step has taken effect, before the answer arrives */
async function deploy(
  args: readonly string[],
  killAfter?: string,
  environment: Record<string, string> = {},
  cwd = root,
  command = 'deploy',
) {
  const child = spawn(process.execPath, [join(root, 'bin/prospect-lake.js'), command, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'deployer',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      PROSPECTB2B_API_URL: simulator.baseUrl,
      ...environment,
    },
  });
  stub.afterStep = (step) => {
    done.push(step);
    if (step === killAfter) child.kill('SIGKILL');
  };
  return endOf(child);
}

describe('a deployment', () => {
  it('that is killed after each of its steps goes on where it was, and repeats none', long, async () => {
    const key = { PROSPECTB2B_API_KEY: simulator.apiKey };
    for (const [at, step] of steps.entries()) {
      // With a key, the doctor would also examine the API, as slowly as the configuration says.
      const { code } = await deploy(['--yes'], step, at < 2 ? {} : key);
      expect([step, code]).toEqual([step, null]);
    }
    const { code, stdout, stderr } = await deploy(['--yes'], undefined, key);
    expect([code, stdout], stderr).toEqual([0, expect.stringContaining('tables can be queried')]);
    // A change set that nobody executed is made again.
    expect(new Set(done)).toEqual(new Set(steps));
    for (const step of steps.filter((each) => !each.startsWith('create')))
      expect(done.filter((each) => each === step)).toEqual([step]);
    expect([...stub.cloudFormation.stacks.values()].map(({ status }) => status)).toEqual([
      'CREATE_COMPLETE',
      'CREATE_COMPLETE',
    ]);
    expect(stub.key).toBe(simulator.apiKey);
    expect(stub.unknown).toEqual([]);
    expect(`${stdout}${stderr}`).not.toContain(simulator.apiKey);
  });

  it('without a key stops when it needs it, and says how to give it', long, async () => {
    const { code, stderr } = await deploy(['--yes']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('give one in PROSPECTB2B_API_KEY or with --api-key-file'),
    ]);
    expect(done).toEqual(steps.slice(0, 2));
  });

  it('to an account that is not prepared for the CDK changes nothing, and says what to type', long, async () => {
    stub.cloudFormation.isBootstrapped = false;
    const { code, stderr } = await deploy(['--yes']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('Type once: npx cdk bootstrap aws://111122223333/eu-west-1'),
    ]);
    expect(done).toEqual([]);
  });

  it('of a custom column whose type is not that of the deployed table changes nothing', long, async () => {
    const deployed = { status: 'CREATE_COMPLETE', template: '{"Outputs":{"BucketName":{}}}', changeSet: undefined };
    stub.cloudFormation.stacks.set('ProspectLake-main-Data', { ...deployed, steps: 0 });
    const store = new MemoryStore();
    const table = currentTableOf(withCustomColumns(leads, { leads: { score: { type: 'integer' } } }));
    await commit(store, undefined, { table, now: new Date('2026-11-01T02:00:00Z') });
    for (const [key, { body }] of store.objects)
      if (key.endsWith('.metadata.json')) stub.versions.set(key, new TextDecoder().decode(body));
    const folder = mkdtempSync(join(tmpdir(), 'deploy-'));
    const custom = "{ leads: { score: { type: 'string' } } }";
    writeFileSync(
      join(folder, 'prospect-lake.config.mjs'),
      `export const workspaces = [{ name: 'main', customColumns: ${custom} }];`,
    );
    const refused = await deploy(['--yes'], undefined, {}, folder);
    const checked = await deploy([], undefined, {}, folder, 'check-columns');
    rmSync(folder, { recursive: true });
    expect([checked.code, checked.stderr]).toEqual([refused.code, refused.stderr]);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      "Column score of leads is declared as string, but its current table has it as integer. If it holds no value yet, give the column another name. Otherwise put the type back, and convert the values in SQL: CAST(score AS VARCHAR). For values that are no integer, add a second column: customColumns: { leads: { score_string: { type: 'string', field: 'score', personal: 'quote' } } }\n",
    ]);
    expect(done).toEqual([]);
  });

  it('of a stack that an app of somebody made changes nothing, and says how to deploy', long, async () => {
    stub.cloudFormation.stacks.set('ProspectLake-main-Data', {
      status: 'CREATE_COMPLETE',
      template: '{"Outputs":{"BucketName":{},"DeployedByAppOfYours":{}}}',
      changeSet: undefined,
      steps: 0,
    });
    const { code, stderr } = await deploy(['--yes']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('was made by a CDK app of your own: deploy with cdk deploy of that app.'),
    ]);
    expect(done).toEqual([]);
  });

  it('of no custom column has nothing to compare', long, async () => {
    const none = await deploy([], undefined, {}, root, 'check-columns');
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('not deployed yet') });
    stub.cloudFormation.stacks.set('ProspectLake-main-Data', {
      status: 'CREATE_COMPLETE',
      template: '{"Outputs":{"BucketName":{}}}',
      changeSet: undefined,
      steps: 0,
    });
    const equal = await deploy([], undefined, {}, root, 'check-columns');
    expect(equal).toMatchObject({ code: 0, stdout: expect.stringContaining('can be deployed') });
  });

  it('without credentials, or with nobody to ask, says so in one line', long, async () => {
    const nothing = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    for (const args of [['--yes'], []])
      expect(await deploy(args, undefined, nothing)).toEqual({
        code: 2,
        stdout: '',
        stderr:
          'No AWS credentials: set AWS_PROFILE, or sign in with aws sso login. Without an account, npx prospect-lake start runs everything on this machine.\n',
      });
    expect(await deploy([])).toMatchObject({ code: 2, stderr: 'Nobody can be asked here: say --yes to deploy.\n' });
  });
});
