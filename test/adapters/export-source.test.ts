import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createExportSource, exportSourceConfig } from '../../lambdas/adapters/export-source.ts';
import type { ExportSource } from '../../lambdas/core/ports.ts';
import { drain } from '../support/drain.ts';
import { type SmallCloud, startSmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let bucket: string;
let source: ExportSource;
beforeAll(async () => {
  small = await startSmallCloud();
  bucket = small.cloud.bucketName('lake');
  vi.stubEnv('AWS_ENDPOINT_URL', small.cloud.endpoint);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  source = createExportSource({ bucket, prefix: 'vendor/' });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await small.stop();
});

const put = async (Key: string, Body: string) =>
  small.cloud.clients().s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));

describe('an export file', () => {
  it.each(['leads.csv', 'exports/2026/lëads 1.csv', 'a..b/..c', `deep/${'x'.repeat(200)}`])(
    'is read below the prefix, with its ETag: %s',
    async (fileKey) => {
      const { ETag } = await put(`vendor/${fileKey}`, 'id\nlead_1\n');
      const { body = [], etag } = (await source.open(fileKey)) ?? {};
      expect(Buffer.concat(await drain(body)).toString()).toBe('id\nlead_1\n');
      expect(etag).toBe(ETag);
    },
  );

  it('that does not exist yet is undefined', async () => {
    expect(await source.open('none.csv')).toBeUndefined();
  });

  it.each([
    '../state/run.json',
    '/etc',
    'a/../../b',
    '..',
    './a',
    'a/.',
    'a\nb',
    'a\u0000b',
    'a\u0085b',
    '',
    'x'.repeat(901),
    'half-a-pair-\ud800.csv',
  ])('is not read if its key leads elsewhere: %j', async (fileKey) => {
    await expect(source.open(fileKey)).rejects.toThrow('not a plain key');
  });
});

it('is configured with a bucket', () => {
  expect(exportSourceConfig.safeParse({ bucket: '', prefix: '' }).success).toBe(false);
  expect(exportSourceConfig.safeParse({ bucket: 'b', prefix: '' }).success).toBe(true);
});
