import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDefinitions } from '../../../../local/cloud/cloudformation/definitions.ts';
import { readAssembly } from '../../../../local/cloud/cloudformation/template.ts';
import { Values } from '../../../../local/cloud/cloudformation/values.ts';
import {
  dataStack,
  lambdaFunction,
  queueWithFunction,
  type Template,
  temporaryFolder,
  writeAssembly,
} from '../fixture-assembly.ts';

const endpoint = 'http://127.0.0.1:4000';
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let count = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

async function definitionsOf(pipeline: Template) {
  count += 1;
  const assembly = await readAssembly(
    await writeAssembly(`${folder.path}/${count}`, { data: dataStack, pipeline }, false),
  );
  return readDefinitions(assembly, new Values(assembly, endpoint), { concurrency: {}, defaultConcurrency: 2 });
}

async function environmentOf(variables: Record<string, unknown>) {
  const { functions } = await definitionsOf({
    Resources: { ...queueWithFunction('Work'), ...lambdaFunction('Reader', 'echo', variables) },
  });
  return functions.find(({ name }) => name === 'reader')?.environment;
}

describe('the environment of a function', () => {
  it('has the local URLs of queues, and ARNs in AWS’s format', async () => {
    expect(
      await environmentOf({
        URL: { Ref: 'WorkQueue' },
        ARN: { 'Fn::GetAtt': ['WorkQueue', 'Arn'] },
        FUNCTION: { 'Fn::GetAtt': ['Work', 'Arn'] },
      }),
    ).toMatchObject({
      URL: `${endpoint}/000000000000/pipeline-WorkQueue`,
      ARN: 'arn:aws:sqs:us-east-1:000000000000:pipeline-WorkQueue',
      FUNCTION: 'arn:aws:lambda:us-east-1:000000000000:function:pipeline-Work',
    });
  });

  it('resolves outputs of other stacks, joins and substitutions', async () => {
    expect(
      await environmentOf({
        SECRET: { 'Fn::GetStackOutput': { StackName: 'data', OutputName: 'SecretArn' } },
        JOINED: { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] },
        SUBSTITUTED: { 'Fn::Sub': '${AWS::Partition} ${Work}' },
      }),
    ).toMatchObject({
      LAKE_BUCKET: 'lake-000000000000-us-east-1',
      SECRET: expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:lake\/api-key-/),
      JOINED: 'a-us-east-1',
      SUBSTITUTED: 'aws pipeline-Work',
    });
  });

  it.each([
    [
      { 'Fn::GetAtt': ['WorkQueue', 'Nonsense'] },
      /pipeline, Reader\.Environment\.Variables\.BAD: .*Nonsense of AWS::SQS::Queue/,
    ],
    [{ Ref: 'Missing' }, /"Ref":"Missing".*no resource Missing/],
    [{ 'Fn::GetStackOutput': { StackName: 'data', OutputName: 'No' } }, /no stack data has an output No/],
    [{ 'Fn::If': ['Here', 'a', 'b'] }, /Fn::If is not known here; our templates do not use it/],
    [{ 'Fn::Join': 'a' }, /expected tuple/],
  ])('says what cannot be resolved, and where: %j', async (value, message) => {
    await expect(environmentOf({ BAD: value })).rejects.toThrow(message);
  });
});

it('refuses a conditional resource', async () => {
  const resource = { Type: 'AWS::S3::Bucket', Condition: 'Here' };
  await expect(definitionsOf({ Resources: { Some: resource } })).rejects.toThrow(/conditions are not known here/);
});

it('reads batches, concurrency and redrive policy from the template', async () => {
  const { mappings, queues } = await definitionsOf({
    Resources: queueWithFunction('Work', {
      mapping: { MaximumBatchingWindowInSeconds: 30, ScalingConfig: { MaximumConcurrency: 2 } },
    }),
  });
  expect(mappings).toMatchObject([{ batchSize: 10, windowSeconds: 30, maxConcurrency: 2, reportsItemFailures: true }]);
  const redrive = JSON.parse(queues.find(({ name }) => name === 'work-queue')?.attributes['RedrivePolicy'] ?? '{}');
  expect(redrive).toEqual({
    deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:pipeline-WorkDeadLetters',
    maxReceiveCount: 3,
  });
});

it('says what to do about a folder that is not an assembly', async () => {
  await expect(readAssembly(`${folder.path}/nowhere`)).rejects.toThrow(
    /no manifest\.json\. Make one: npx prospect-lake synth/,
  );
});
