import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Call, Verdict } from '../../../../local/cloud/call-hook-runner.ts';
import { createClients } from '../../../../local/cloud/clients.ts';
import { type Cloud, startCloud } from '../../../../local/cloud/cloud.ts';
import { dataStack, queueWithFunction, temporaryFolder, writeAssembly } from '../../../local/cloud/fixture-assembly.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let assembly: string;
let out: string;
const started: ChildProcess[] = [];
const clouds: Cloud[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  out = join(folder.path, 'out');
  assembly = await writeAssembly(join(folder.path, 'assembly'), {
    data: dataStack,
    pipeline: { Resources: queueWithFunction('Work') },
  });
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  for (const cloud of clouds.splice(0)) await cloud.stop();
  await folder.remove();
});

const addresses = z.object({ endpoint: z.string(), queueUrl: z.string(), bucket: z.string() });

async function startProcess() {
  const child = fork(join(import.meta.dirname, '../../../local/cloud/cloud-process.ts'), [assembly, out], {
    execArgv: [],
  });
  started.push(child);
  const [message] = await once(child, 'message');
  const { endpoint, queueUrl, bucket } = addresses.parse(message);
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { ...createClients(endpoint), queueUrl, bucket, kill };
}

async function startHere(options: Partial<Parameters<typeof startCloud>[0]> = {}): Promise<Cloud> {
  const cloud = await startCloud({ assembly, out, timeScale: 15, ...options });
  clouds.push(cloud);
  return cloud;
}

const done = (id: string) =>
  existsSync(join(out, 'done', id)) ? readFileSync(join(out, 'done', id), 'utf8') : undefined;

describe('after the whole cloud was killed', () => {
  it('its objects are whole, each with its own metadata', { timeout: 30_000 }, async () => {
    const acknowledged: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      const { s3, bucket: Bucket, kill } = await startProcess();
      // Both the body and the metadata contain the number of the put, so that a mismatch shows.
      const putting = (async () => {
        for (let number = round * 1_000; number < round * 1_000 + 1_000; number += 1) {
          const Body = `${number} `.repeat(20_000);
          await s3.send(
            new PutObjectCommand({ Bucket, Key: 'state/pointer', Body, Metadata: { number: String(number) } }),
          );
          acknowledged.push(number);
        }
      })().catch(() => 'killed');
      await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(10 * (round + 1));
      await kill();
      expect(await putting).toBe('killed');
    }
    const { s3 } = (await startHere()).clients();
    const stored = await s3.send(new GetObjectCommand({ Bucket: 'lake-000000000000-us-east-1', Key: 'state/pointer' }));
    const number = Number(stored.Metadata?.number);
    expect(await stored.Body?.transformToString()).toBe(`${number} `.repeat(20_000));
    expect(number).toBeGreaterThanOrEqual(acknowledged.at(-1) ?? 0);
  });

  it('its messages remain, and those that a function held are visible at once', async () => {
    const { sqs, queueUrl: QueueUrl, kill } = await startProcess();
    for (const body of [{ id: 'first' }, { id: 'held', failures: 1 }]) {
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) }));
    }
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"id":"delayed"}', DelaySeconds: 20 }));
    await expect.poll(() => done('first')).toBeDefined();
    await kill();
    // Time is so slow that a message still held by the killed cloud's function would stay invisible for 10 minutes.
    const cloud = await startHere({ timeScale: 0.1 });
    await expect.poll(() => done('held')).toMatch(/^\d 2$/);
    await expect.poll(() => done('delayed'), { timeout: 5_000 }).toMatch(/^\d 1$/);
    await cloud.idle();
  });

  it('a file that was removed by hand is a deleted object', async () => {
    const cloud = await startHere();
    const Bucket = cloud.bucketName('lake');
    await cloud.clients().s3.send(new PutObjectCommand({ Bucket, Key: 'lake/file', Body: 'x' }));
    await cloud.stop();
    await folder.removeFile('out/lake/file');
    const { s3 } = (await startHere()).clients();
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'lake/file' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });
});

describe('a function’s process that is killed', () => {
  const killOnce = (matches: (call: Call) => boolean) => {
    let killed = false;
    const calls: string[] = [];
    const hook = (call: Call): Verdict => {
      calls.push(`${call.functionName} ${call.service} ${call.operation} ${call.resource.replace(/^.*\//, '')}`);
      if (killed || !matches(call)) return 'continue';
      killed = true;
      return 'kill';
    };
    return { hook, calls };
  };
  const isPut = ({ operation }: Call) => operation === 'PutObject';
  const isDelete = ({ operation }: Call) => operation === 'DeleteMessageBatch';

  /** @param releaseSeconds until the message of a killed process is redelivered. @default its visibility timeout */
  async function run(hooks: Parameters<typeof startCloud>[0]['hooks'], releaseSeconds?: number) {
    const cloud = await startHere({ hooks, ...(releaseSeconds === undefined ? {} : { releaseSeconds }) });
    const QueueUrl = cloud.queueUrl('work-queue');
    await cloud.clients().sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"id":"x"}' }));
    return cloud;
  }

  it('before a put leaves nothing, and its message comes again', async () => {
    const { hook, calls } = killOnce(isPut);
    let storedAtKill: string | undefined;
    const cloud = await run({
      beforeCall: (call) => {
        const verdict = hook(call);
        if (verdict === 'kill') storedAtKill = done('x');
        return verdict;
      },
    });
    await expect.poll(() => calls.length).toBe(1);
    expect(storedAtKill).toBeUndefined();
    await cloud.idle();
    expect(done('x')).toBe('1 2');
    expect(calls).toEqual([
      'work s3 PutObject x',
      'work s3 PutObject x',
      'work sqs DeleteMessageBatch pipeline-WorkQueue',
    ]);
  });

  it('after a put leaves the object, and its message comes again', async () => {
    const { hook, calls } = killOnce(isPut);
    const seen: (string | undefined)[] = [];
    const afterCall = (call: Call) => {
      if (isPut(call)) seen.push(done('x'));
      return hook(call);
    };
    const cloud = await run({ afterCall }, 0);
    await cloud.idle();
    expect(seen).toEqual(['1 1', '1 2']);
    expect(calls).toHaveLength(3);
  });

  it('before its message is deleted does its work again', async () => {
    const { hook } = killOnce(isDelete);
    const cloud = await run({ beforeCall: hook }, 0);
    await cloud.idle();
    expect(done('x')).toBe('1 2');
  });

  it('after its message is deleted has done its work', async () => {
    const { hook } = killOnce(isDelete);
    const cloud = await run({ afterCall: hook });
    await cloud.idle();
    expect(done('x')).toBe('1 1');
  });
});
