import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

type Json = Readonly<Record<string, unknown>>;

export interface Template {
  readonly Resources: Json;
  readonly Outputs?: Json;
}

/**
 * A cloud assembly in its own folder, in the layout of `cdk synth`.
 * @param bundled whether functions are bundled; otherwise they can be read but not run
 */
export async function writeAssembly(
  folder: string,
  stacks: Readonly<Record<string, Template>>,
  bundled = true,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  if (bundled) bundleHandlers(join(folder, 'asset.handlers'));
  const artifacts: Record<string, unknown> = {};
  for (const [stackName, template] of Object.entries(stacks)) {
    await writeFile(join(folder, `${stackName}.template.json`), JSON.stringify(template));
    artifacts[stackName] = {
      type: 'aws:cloudformation:stack',
      displayName: stackName,
      properties: { templateFile: `${stackName}.template.json`, stackName },
    };
  }
  artifacts['fixture.assets'] = { type: 'cdk:asset-manifest', properties: { file: 'fixture.assets.json' } };
  const file = {
    source: { path: 'asset.handlers', packaging: 'zip' },
    destinations: { here: { bucketName: 'assets', objectKey: 'handlers.zip' } },
  };
  await writeFile(join(folder, 'fixture.assets.json'), JSON.stringify({ files: { handlers: file } }));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ version: '1', artifacts }));
  return folder;
}

function bundleHandlers(folder: string): void {
  buildSync({
    entryPoints: [fileURLToPath(new URL('./fixture-handlers.ts', import.meta.url))],
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
  });
}

export async function temporaryFolder(): Promise<{
  path: string;
  removeFile(name: string): Promise<void>;
  remove(): Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), 'cloud-test-'));
  return { path, removeFile: (name) => rm(join(path, name)), remove: () => rm(path, { recursive: true, force: true }) };
}

const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

export function lambdaFunction(id: string, handler: string, variables: Json = {}, more: Json = {}): Json {
  return {
    [id]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: 'assets', S3Key: 'handlers.zip' },
        Handler: `index.${handler}`,
        Runtime: 'nodejs24.x',
        MemorySize: 256,
        Timeout: 10,
        Environment: {
          Variables: {
            LAKE_BUCKET: { 'Fn::GetStackOutput': { StackName: 'data', OutputName: 'BucketName' } },
            ...variables,
          },
        },
        ...more,
      },
    },
  };
}

export function queueWithFunction(id: string, options: { queue?: Json; mapping?: Json } = {}): Json {
  return {
    [`${id}DeadLetters`]: { Type: 'AWS::SQS::Queue', Properties: {} },
    [`${id}Queue`]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        VisibilityTimeout: 60,
        RedrivePolicy: { deadLetterTargetArn: arnOf(`${id}DeadLetters`), maxReceiveCount: 3 },
        ...options.queue,
      },
    },
    ...lambdaFunction(id, 'work', { QUEUE_URL: { Ref: `${id}Queue` } }),
    [`${id}Messages`]: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: arnOf(`${id}Queue`),
        FunctionName: { Ref: id },
        BatchSize: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ...options.mapping,
      },
    },
  };
}

export const dataStack: Template = {
  Resources: {
    AccessLogs: { Type: 'AWS::S3::Bucket', Properties: {} },
    Lake: {
      Type: 'AWS::S3::Bucket',
      Properties: { BucketName: { 'Fn::Sub': 'lake-${AWS::AccountId}-${AWS::Region}' } },
    },
    ApiKey: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'lake/api-key' } },
  },
  Outputs: {
    BucketName: { Value: { Ref: 'Lake' } },
    SecretArn: { Value: { Ref: 'ApiKey' } },
  },
};
