import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleOptions } from '../../../../lib/bundling.ts';
import { startCloud } from '../../../../local/cloud/cloud.ts';
import { sharedThread } from '../../../../local/cloud/lambda/shared-thread.ts';
import { directSdk } from '../../../../local/run/bundled-functions.ts';
import { dataStack, lambdaFunction, temporaryFolder, writeAssembly } from '../fixture-assembly.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let assembly: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const variables = {
    QUEUE_URL: { Ref: 'Work' },
    SECRET_ARN: { 'Fn::GetStackOutput': { StackName: 'data', OutputName: 'SecretArn' } },
  };
  assembly = await writeAssembly(join(folder.path, 'assembly'), {
    data: dataStack,
    pipeline: {
      Resources: {
        ...lambdaFunction('Calls', 'adapterCalls', variables),
        Work: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
      },
    },
  });
});
afterAll(() => folder.remove());

describe('the clients that replace the AWS SDK in the functions of npm start', () => {
  it('give every adapter the answers and the errors that the AWS SDK gives over HTTP', async () => {
    const entry = fileURLToPath(new URL('../adapter-calls.ts', import.meta.url));
    const contents = `export { adapterCalls as handler } from ${JSON.stringify(entry)};`;
    await build({
      ...moduleOptions,
      alias: directSdk,
      stdin: { contents, resolveDir: folder.path },
      outfile: join(folder.path, 'direct/calls.mjs'),
    });
    const overHttp = await answerIn('http', undefined);
    const direct = await answerIn('thread', sharedThread(join(folder.path, 'direct')));
    expect(overHttp).toMatchObject({ objects: { first: { answer: true } }, file: { text: 'other' } });
    expect(direct).toEqual(overHttp);
  });
});

async function answerIn(out: string, startInstance: ReturnType<typeof sharedThread> | undefined) {
  const cloud = await startCloud({ assembly, out: join(folder.path, out), startInstance });
  try {
    return await cloud.invoke('Calls');
  } finally {
    await cloud.stop();
  }
}
