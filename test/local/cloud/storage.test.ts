import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Cloud, startCloud } from '../../../local/cloud/cloud.ts';
import { dataStack, lambdaFunction, temporaryFolder, writeAssembly } from './fixture-assembly.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cloud: Cloud;
let Bucket: string;
let out: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  out = join(folder.path, 'out');
  const assembly = await writeAssembly(join(folder.path, 'assembly'), {
    data: dataStack,
    pipeline: { Resources: lambdaFunction('Reader', 'echo') },
  });
  cloud = await startCloud({ assembly, out, secrets: { apiKey: 'pb2b_live_first' } });
  Bucket = cloud.bucketName('lake');
});
afterAll(async () => {
  await cloud.stop();
  await folder.remove();
});

const serviceError = z.object({ name: z.string(), $metadata: z.object({ httpStatusCode: z.number() }) });
const statusOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 200,
    (error: unknown) => {
      const { name, $metadata } = serviceError.parse(error);
      return `${$metadata.httpStatusCode} ${name}`;
    },
  );

describe('objects', () => {
  it('are created by exactly one of 20 racing puts', async () => {
    const { s3 } = cloud.clients();
    const puts = Array.from({ length: 20 }, (_, index) =>
      statusOf(s3.send(new PutObjectCommand({ Bucket, Key: 'state/race', Body: `writer ${index}`, IfNoneMatch: '*' }))),
    );
    const results = await Promise.all(puts);
    expect(results.toSorted()).toEqual([200, ...Array.from({ length: 19 }, () => '412 PreconditionFailed')]);
  });

  it('are replaced by exactly one of 20 racing puts of the same version', async () => {
    const { s3 } = cloud.clients();
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'state/version', Body: 'first' }));
    const puts = Array.from({ length: 20 }, (_, index) =>
      statusOf(s3.send(new PutObjectCommand({ Bucket, Key: 'state/version', Body: `next ${index}`, IfMatch: ETag }))),
    );
    const results = await Promise.all(puts);
    expect(results.filter((result) => result === 200)).toHaveLength(1);
    expect(results.filter((result) => result === '412 PreconditionFailed')).toHaveLength(19);
  });

  it('are answered with 404 if the version to replace does not exist', async () => {
    const put = cloud.clients().s3.send(new PutObjectCommand({ Bucket, Key: 'state/none', Body: 'x', IfMatch: '"0"' }));
    expect(await statusOf(put)).toBe('404 NoSuchKey');
  });

  it('are plain files below the output folder, with their metadata', async () => {
    const { s3 } = cloud.clients();
    const Key = 'lake/leads/dt=2026-11-01/run-1.parquet';
    await s3.send(
      new PutObjectCommand({ Bucket, Key, Body: 'rows', Metadata: { mark: '{"rows":1}' }, ContentType: 'text/x' }),
    );
    expect(await readFile(join(out, Key), 'utf8')).toBe('rows');
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
      Metadata: { mark: '{"rows":1}' },
      ContentType: 'text/x',
      ContentLength: 4,
    });
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(existsSync(join(out, Key))).toBe(false);
    expect(await statusOf(s3.send(new GetObjectCommand({ Bucket, Key })))).toBe('404 NoSuchKey');
  });

  it('of other buckets are separate, and no key leads out of its bucket', async () => {
    const { s3 } = cloud.clients();
    const logs = cloud.bucketName('access-logs');
    const keys = ['../../escaped', 'a//b', '.cloud/state.sqlite', `long/${'x'.repeat(300)}`, 'snow/☃ 100%'];
    for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket: logs, Key, Body: Key }));
    for (const Key of keys) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: logs, Key }));
      expect(await Body?.transformToString()).toBe(Key);
    }
    expect(existsSync(join(out, 'escaped'))).toBe(false);
    expect(existsSync(join(out, '.cloud', 'buckets', logs, 'snow', '☃ 100%25'))).toBe(true);
  });

  it('are listed page by page in byte order, without omissions', async () => {
    const { s3 } = cloud.clients();
    const names = ['A', 'B', 'a', 'a-b', 'a_b', 'b', 'Z', 'é', '\u{ff5e}', '\u{1f600}'];
    for (const name of names) await s3.send(new PutObjectCommand({ Bucket, Key: `list/${name}`, Body: name }));
    const listed: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'list/', MaxKeys: 3, ContinuationToken }));
      listed.push(...(page.Contents ?? []).map(({ Key = '' }) => Key.slice('list/'.length)));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(listed).toEqual(names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  it('may be larger than the emulator’s 11 MiB', async () => {
    const { s3 } = cloud.clients();
    const Body = Buffer.alloc(20 * 1024 * 1024, 'x');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'raw/large', Body }));
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'raw/large' }))).ContentLength).toBe(Body.length);
  });

  it('are not overwritten by their tags, which are not supported', async () => {
    const { s3 } = cloud.clients();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'tagged', Body: 'kept' }));
    const tagging = s3.send(
      new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
    );
    expect(await statusOf(tagging)).toBe('501 NotImplemented');
    expect(await readFile(join(out, 'tagged'), 'utf8')).toBe('kept');
  });
});

describe('secrets', () => {
  it('can be replaced', async () => {
    const { secrets } = cloud.clients();
    const SecretId = cloud.secretArn('apiKey');
    expect((await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('pb2b_live_first');
    await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'pb2b_live_second' }));
    expect((await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('pb2b_live_second');
  });

  it('that do not exist are an error', async () => {
    const get = cloud.clients().secrets.send(new GetSecretValueCommand({ SecretId: 'lake/other' }));
    await expect(get).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

it('a second start on the same folder is refused', async () => {
  await expect(startCloud({ assembly: join(folder.path, 'assembly'), out })).rejects.toThrow(
    /Another start or command of ops is at work on/,
  );
});

it('an unknown name is answered with the known ones', () => {
  expect(() => cloud.bucketName('lakes')).toThrow('There is no bucket lakes; there are access-logs, lake.');
});
