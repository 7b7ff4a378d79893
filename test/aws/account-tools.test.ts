/** What examines or reads an account, over the real SDK, in an account of moto: the doctor, and `mcp --deployed`. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createAwsCloud } from '../../doctor/aws/cloud.ts';
import { examineAws } from '../../doctor/aws/examine-aws.ts';
import { dataOutputs, pipelineOutputs, secretName, stackNames } from '../../lambdas/contract/outputs.ts';
import { parseWorkspace } from '../../lib/config/config.ts';
import { lakeBucketName } from '../../lib/config/names.ts';
import { region } from '../../local/cloud/cloudformation/addresses.ts';
import { folderWarehouse } from '../../local/run/lake.ts';
import { listen } from '../../local/run/listening.ts';
import { runStart } from '../support/start-process.ts';
import { type Moto, startMoto } from './moto.ts';

const account = '111122223333';
let moto: Moto;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'account-'));
  moto = await startMoto(await freePort(), account);
  for (const [name, value] of Object.entries(awsEnvironment())) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await moto.stop();
  await rm(folder, { recursive: true, force: true });
});

const awsEnvironment = () => ({
  AWS_ENDPOINT_URL: moto.endpoint,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: region,
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((closed) => server.close(closed));
  return port;
}

/** A stack with these outputs, and a queue, because a stack has to have a resource. */
async function createStack(name: string, outputs: Readonly<Record<string, string>>): Promise<void> {
  const template = {
    Resources: { Queue: { Type: 'AWS::SQS::Queue' } },
    Outputs: Object.fromEntries(Object.entries(outputs).map(([output, Value]) => [output, { Value }])),
  };
  await new CloudFormationClient().send(
    new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify(template) }),
  );
}

const examine = async (fields: { kmsKeyArn?: string } = {}) =>
  (await examineAws(parseWorkspace({ name: 'main', ...fields }), () => createAwsCloud(region))).map(
    ({ area, level, says }) => `${level} ${area}: ${says}`,
  );

describe('the doctor', () => {
  it('finds an account that nobody has prepared', async () => {
    expect(await examine()).toEqual([
      expect.stringMatching(/^ok account: 111122223333, region us-east-1, as /),
      'look bootstrap: The account is not prepared for CDK: there is no stack CDKToolkit.',
      // moto has no account settings of Lambda: what AWS does not answer is named, and the rest is examined.
      expect.stringMatching(/^look quota: AWS answers /),
      'ok stacks: ProspectLake-main-Data is not deployed yet.',
      'ok stacks: ProspectLake-main-Pipeline is not deployed yet.',
      'ok names: The names of buckets and secrets are free.',
    ]);
  });

  it('finds what an uninstalled workspace left, and a key that is disabled', async () => {
    await createStack('CDKToolkit', { BootstrapVersion: '28' });
    const bucket = lakeBucketName('main', account, region);
    await new S3Client().send(new CreateBucketCommand({ Bucket: bucket }));
    const secrets = new SecretsManagerClient();
    const secret = secretName('main', 'api-key');
    await secrets.send(new CreateSecretCommand({ Name: secret, SecretString: 'x' }));
    await secrets.send(new DeleteSecretCommand({ SecretId: secret }));
    const kms = new KMSClient();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await kms.send(new DisableKeyCommand({ KeyId: KeyMetadata?.KeyId }));

    expect(await examine({ kmsKeyArn: KeyMetadata?.Arn ?? '' })).toEqual(
      expect.arrayContaining([
        'ok bootstrap: CDKToolkit has version 28',
        `look names: The bucket ${bucket} exists already.`,
        `look names: The secret ${secret} exists already, marked for deletion.`,
        'unusable kms key: The key is not enabled.',
        expect.stringMatching(/^look kms key: Its policy lacks /),
      ]),
    );
  });
});

describe('npx prospect-lake mcp --deployed', () => {
  it('answers from the bucket of the deployment', async () => {
    const out = join(folder, 'lake');
    expect(await runStart(['--leads', '10', '--out', out], { cwd: folder })).toMatchObject({ code: 0 });
    const bucket = new URL((await folderWarehouse(out)).root).host;
    const s3 = new S3Client({ forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const names = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter(
      (name) => !name.startsWith('.cloud') && statSync(join(out, name)).isFile(),
    );
    for (const Key of names)
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: readFileSync(join(out, Key)) }));
    const { data, pipeline } = stackNames('main');
    const textOutputs = Object.fromEntries(Object.keys(dataOutputs.shape).map((name) => [name, 'x']));
    await createStack(data, { ...textOutputs, BucketName: bucket });
    const urls = Object.keys(pipelineOutputs.shape).map((name) => [name, 'https://queue.example/1']);
    await createStack(pipeline, Object.fromEntries(urls));

    const client = new Client({ name: 'a test', version: '1' });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [resolve(import.meta.dirname, '../../bin/prospect-lake.js'), 'mcp', '--deployed'],
        env: awsEnvironment(),
        cwd: folder,
        stderr: 'inherit',
      }),
    );
    const value = async (name: string, args: Record<string, unknown> = {}) =>
      z
        .object({ isError: z.boolean().optional(), structuredContent: z.looseObject({}) })
        .parse(await client.callTool({ name, arguments: args })).structuredContent;
    const sql = 'SELECT (SELECT count(*) FROM leads), (SELECT count(DISTINCT dt) FROM leads_history)';
    expect(await value('query', { sql })).toMatchObject({ rows: [['10', '1']] });
    expect(await value('status')).toMatchObject({ runs: [{ kind: 'nightly', status: 'complete' }], unreadable: [] });
    const { tables } = z.object({ tables: z.array(z.looseObject({})) }).parse(await value('list_tables'));
    expect(tables).toContainEqual(expect.objectContaining({ name: 'leads', rows: 10 }));
    await client.close();
  });
});
