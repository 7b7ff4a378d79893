import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../../../local/cloud/cloud.ts';
import { dataStack, lambdaFunction, temporaryFolder, writeAssembly } from '../fixture-assembly.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cloud: Cloud;
const out = () => join(folder.path, 'out');
const lines: { functionName: string; line: string }[] = [];

const secretArn = {
  'Fn::GetStackOutput': { StackName: 'data', Region: { Ref: 'AWS::Region' }, OutputName: 'SecretArn' },
};
const schedule = (target: string) => ({
  Type: 'AWS::Scheduler::Schedule',
  Properties: {
    ScheduleExpression: 'rate(1 day)',
    Target: { Arn: { 'Fn::GetAtt': [target, 'Arn'] }, Input: '{"scheduledAt":"<aws.scheduler.scheduled-time>"}' },
  },
});

beforeAll(async () => {
  folder = await temporaryFolder();
  const assembly = await writeAssembly(join(folder.path, 'assembly'), {
    data: dataStack,
    pipeline: {
      Resources: {
        ...lambdaFunction('Echo', 'echo', { MODE: 'deployed' }),
        ...lambdaFunction('Other', 'echo', { SITE: 'deployed', WHO: '' }),
        ...lambdaFunction('Store', 'store'),
        ...lambdaFunction('ReadSecret', 'readSecret', { SECRET_ARN: secretArn }),
        ...lambdaFunction('Fail', 'fail'),
        ...lambdaFunction('Exit', 'exit'),
        ...lambdaFunction('Hang', 'hang', {}, { Timeout: 1 }),
        ...lambdaFunction('Absent', 'nothing'),
        Nightly: schedule('Echo'),
        Broken: schedule('Fail'),
        Missed: { Type: 'AWS::SQS::Queue', Properties: {} },
        OnFailure: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            FunctionName: { Ref: 'Fail' },
            MaximumRetryAttempts: 1,
            DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Missed', 'Arn'] } } },
          },
        },
      },
    },
  });
  cloud = await startCloud({
    assembly,
    out: out(),
    secrets: { apiKey: 'pb2b_live_key' },
    environment: { SITE: 'local', WHO: ({ functionName, processId }) => `${functionName} ${processId}` },
    timeScale: 1_000,
    onLog: (line) => lines.push(line),
  });
});
afterAll(async () => {
  await cloud.stop();
  await folder.remove();
});

describe('a function', () => {
  it('gets its event, its context, and the environment of the template and of Lambda', async () => {
    const answer = await cloud.invoke('echo', { a: [1, 'ü'] });
    expect(answer).toMatchObject({
      event: { a: [1, 'ü'] },
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:pipeline-Echo',
      environment: {
        MODE: 'deployed',
        LAKE_BUCKET: 'lake-000000000000-us-east-1',
        AWS_LAMBDA_FUNCTION_NAME: 'pipeline-Echo',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
        TZ: 'UTC',
        AWS_ENDPOINT_URL: cloud.endpoint,
      },
    });
    expect((answer as { remaining: number }).remaining).toBeGreaterThan(8_000);
    expect((answer as { remaining: number }).remaining).toBeLessThanOrEqual(10_000);
    for (const ours of ['HOME', 'NODE_COMPILE_CACHE'])
      expect((answer as { environment: object }).environment).not.toHaveProperty(ours);
  });

  it('gets its own overrides, which may distinguish its processes', async () => {
    expect(await cloud.invoke('other')).toMatchObject({
      environment: { SITE: 'local', WHO: expect.stringMatching(/^other ASIA/) },
    });
  });

  it('reaches S3 and Secrets Manager with clients that know nothing of the embedded cloud', async () => {
    expect(await cloud.invoke('store', { key: 'a/b', body: 'stored' })).toBe('stored');
    expect(await readFile(join(out(), 'a', 'b'), 'utf8')).toBe('stored');
    expect(await cloud.invoke('readSecret')).toBe('pb2b_live_key');
  });

  it('is kept warm, and runs in more processes only when invocations overlap', async () => {
    const processes = () => cloud.memory().find(({ functionName }) => functionName === 'store')?.processes.length;
    for (const key of ['1', '2']) await cloud.invoke('store', { key, body: key });
    expect(processes()).toBe(1);
    await Promise.all(['1', '2', '3', '4'].map((key) => cloud.invoke('store', { key, body: key })));
    expect(processes()).toBe(2);
  });

  it('reports the memory that it used', async () => {
    await cloud.invoke('echo');
    const memory = cloud.memory().find(({ functionName }) => functionName === 'echo');
    expect(memory?.peakBytes).toBeGreaterThan(20 * 1024 * 1024);
    expect(memory?.peakBytes).toBeLessThan(512 * 1024 * 1024);
  });

  it('writes to its own log and to the listener', async () => {
    await cloud.invoke('echo', 'this line');
    await expect
      .poll(() => readFile(join(out(), '.cloud', 'logs', 'echo.log'), 'utf8'))
      .toContain('echo of "this line"');
    expect(lines).toContainEqual(expect.objectContaining({ functionName: 'echo', line: 'echo of "this line"' }));
  });

  it.each([
    ['fail', { errorType: 'TypeError', errorMessage: 'It does not work.' }],
    ['exit', { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: exit status 7' }],
    ['hang', { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 1.00 seconds' }],
    ['absent', { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.nothing is undefined or not exported' }],
  ])('that fails is reported in Lambda’s words each time: %s', async (name, error) => {
    await expect(cloud.invoke(name)).rejects.toMatchObject(error);
    await expect(cloud.invoke(name)).rejects.toMatchObject(error);
  });

  it('that does not exist is an error that lists those that do', async () => {
    await expect(cloud.invoke('plans')).rejects.toThrow(/There is no function plans; there are echo, other, store/);
  });
});

describe('a schedule', () => {
  it('fires with its own time, by its own name or its function’s name', async () => {
    const at = new Date('2026-11-24T02:00:00.123Z');
    const event = { scheduledAt: '2026-11-24T02:00:00Z' };
    expect(await cloud.fire('nightly', at)).toMatchObject({ event });
    expect(await cloud.fire('echo', at)).toMatchObject({ event });
  });

  it('is retried if its function fails, then sent to the on-failure destination', async () => {
    const invocations = () => cloud.memory().find(({ functionName }) => functionName === 'fail')?.invocations ?? 0;
    const before = invocations();
    await expect(cloud.fire('broken')).rejects.toMatchObject({ errorType: 'TypeError' });
    expect(invocations() - before).toBe(2);
    const { Messages } = await cloud
      .clients()
      .sqs.send(new ReceiveMessageCommand({ QueueUrl: cloud.queueUrl('missed') }));
    expect(JSON.parse(Messages?.[0]?.Body ?? '{}')).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 2 },
      requestPayload: { scheduledAt: expect.any(String) },
      responsePayload: { errorType: 'TypeError' },
    });
  });
});

it('an override of a variable that no function has is refused', async () => {
  const assembly = join(folder.path, 'assembly');
  const start = startCloud({ assembly, out: join(folder.path, 'other'), environment: { TYPO: '' } });
  await expect(start).rejects.toThrow('No function of the assembly has the environment variable TYPO.');
});
