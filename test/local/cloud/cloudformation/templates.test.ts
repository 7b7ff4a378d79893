import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Addresses } from '../../../../local/cloud/cloudformation/addresses.ts';
import { Resolver } from '../../../../local/cloud/cloudformation/intrinsics.ts';
import { readDefinitions } from '../../../../local/cloud/cloudformation/read-definitions.ts';
import { readAssembly } from '../../../../local/cloud/cloudformation/template.ts';
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
  const addresses = new Addresses(endpoint);
  return readDefinitions(assembly, new Resolver(assembly, addresses), addresses, {
    concurrency: {},
    defaultConcurrency: 2,
  });
}

async function environmentOf(variables: Record<string, unknown>, more: Omit<Template, 'Resources'> = {}) {
  const { functions } = await definitionsOf({
    Resources: { ...queueWithFunction('Work'), ...lambdaFunction('Reader', 'echo', variables) },
    ...more,
  });
  return functions.find(({ name }) => name === 'reader')?.environment;
}

describe('the environment of a function', () => {
  it('has the local addresses of queues, and ARNs as AWS spells them', async () => {
    expect(
      await environmentOf({
        URL: { Ref: 'WorkQueue' },
        ARN: { 'Fn::GetAtt': ['WorkQueue', 'Arn'] },
        FUNCTION: { 'Fn::GetAtt': 'Work.Arn' },
      }),
    ).toMatchObject({
      URL: `${endpoint}/000000000000/pipeline-WorkQueue`,
      ARN: 'arn:aws:sqs:us-east-1:000000000000:pipeline-WorkQueue',
      FUNCTION: 'arn:aws:lambda:us-east-1:000000000000:function:pipeline-Work',
    });
  });

  it('takes values of other stacks, by export and by output', async () => {
    const output = { StackName: 'data', Region: { Ref: 'AWS::Region' }, OutputName: 'SecretArn' };
    expect(await environmentOf({ SECRET: { 'Fn::GetStackOutput': output } })).toMatchObject({
      LAKE_BUCKET: 'lake-000000000000-us-east-1',
      SECRET: expect.stringMatching(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:lake\/api-key-/),
    });
  });

  it('joins, splits, selects and substitutes', async () => {
    expect(
      await environmentOf({
        JOINED: { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] },
        SELECTED: { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] },
        SUBSTITUTED: { 'Fn::Sub': ['${!kept} ${Mine} ${WorkQueue.QueueName}', { Mine: { Ref: 'AWS::Partition' } }] },
      }),
    ).toMatchObject({
      JOINED: 'a-us-east-1',
      SELECTED: 'b',
      SUBSTITUTED: '${kept} aws pipeline-WorkQueue',
    });
  });

  it('follows conditions, and leaves out what has no value', async () => {
    const Conditions = {
      Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
      Elsewhere: { 'Fn::Not': [{ Condition: 'Here' }] },
    };
    const environment = await environmentOf(
      {
        CHOSEN: { 'Fn::If': ['Here', 'yes', 'no'] },
        GONE: { 'Fn::If': ['Elsewhere', 'yes', { Ref: 'AWS::NoValue' }] },
      },
      { Conditions },
    );
    expect(environment).toMatchObject({ CHOSEN: 'yes' });
    expect(environment).not.toHaveProperty('GONE');
  });

  it.each([
    [
      { 'Fn::GetAtt': ['WorkQueue', 'Nonsense'] },
      /pipeline, Reader\.Environment\.Variables\.BAD: .*Nonsense of AWS::SQS::Queue/,
    ],
    [{ Ref: 'Missing' }, /"Ref":"Missing".*no such resource/],
    [{ 'Fn::ImportValue': 'Nothing' }, /no stack exports Nothing/],
    [{ 'Fn::Cidr': ['10.0.0.0/8', 1] }, /Fn::Cidr is not known/],
    ['{{resolve:ssm:/a/b}}', /dynamic references/],
  ])('says what cannot be resolved, and where: %j', async (value, message) => {
    await expect(environmentOf({ BAD: value })).rejects.toThrow(message);
  });
});

it('reads the batches, the concurrency and the redrive policy that the template gives', async () => {
  const { mappings, queues, functions } = await definitionsOf({
    Resources: {
      ...queueWithFunction('Work', {
        mapping: { MaximumBatchingWindowInSeconds: 30, ScalingConfig: { MaximumConcurrency: 2 } },
      }),
      ...lambdaFunction('Single', 'echo', {}, { ReservedConcurrentExecutions: 1 }),
    },
  });
  expect(mappings).toMatchObject([{ batchSize: 10, windowSeconds: 30, maxConcurrency: 2, reportsItemFailures: true }]);
  expect(functions.map(({ name, concurrency }) => [name, concurrency])).toEqual([
    ['work', 2],
    ['single', 1],
  ]);
  const redrive = JSON.parse(queues.find(({ name }) => name === 'work-queue')?.attributes.RedrivePolicy ?? '{}');
  expect(redrive).toEqual({
    deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:pipeline-WorkDeadLetters',
    maxReceiveCount: 3,
  });
});

it('says of a folder that is no assembly what to do', async () => {
  await expect(readAssembly(`${folder.path}/nowhere`)).rejects.toThrow(/no manifest\.json\. Make one: npm run synth/);
});
