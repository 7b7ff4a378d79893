import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dataFileKey } from '../../lambdas/contract/current-keys.ts';
import { secretName } from '../../lambdas/contract/outputs.ts';
import { databaseName, functionName, lakeBucketName, accessLogBucketName } from '../../lib/config/names.ts';
import { policies } from '../../policies/policies.ts';
import { templatesOf } from '../lib/templates.ts';
import { account, allows, targetOf } from '../support/policies.ts';

const region = 'eu-central-1';
const kmsKeyArn = `arn:aws:kms:${region}:${account}:key/11111111-2222-3333-4444-555555555555`;
const { data, pipeline } = templatesOf({
  kmsKeyArn,
  alarmEmail: 'data@example.com',
  dashboard: true,
  exports: { cron: '0 3 ? * SUN *', source: { bucket: 'exports-of-the-vendor', prefix: 'in/' } },
  personalData: { hash: ['email'] },
  vpc: { subnetIds: ['subnet-0a1b2c3d4e5f67890'], securityGroupIds: ['sg-0a1b2c3d4e5f67890'] },
});
const resource = z.looseObject({
  Type: z.string(),
  DeletionPolicy: z.string().default('Delete'),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
const resources = [data, pipeline].flatMap((template) => {
  const { Resources } = z.looseObject({ Resources: z.record(z.string(), resource) }).parse(template.toJSON());
  return Object.entries(Resources).map(([id, found]) => ({ id, ...found }));
});

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
const [, table = ''] = /\n(\| what \| holds [\s\S]*?)\n\n/.exec(page) ?? [];
const rows = table
  .split('\n')
  .slice(2)
  .map((line) => {
    const [what = '', , key = '', readers = '', kept = '', destroy = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const named = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    const types = named(what).filter((name) => name.includes('::'));
    return { what, key, kept, destroy, types, names: named(what), readers: named(readers.split(';')[0] ?? '') };
  });

/** Resources of a row. A row for a part of the lake's bucket, or for another secret, has no types of its own. */
function of({ what, types, names }: (typeof rows)[number]) {
  if (what.startsWith('secret')) return resources.filter(({ id }) => secretIds[names[0] ?? '']?.test(id));
  if (what.startsWith('bucket of access')) return resources.filter(({ id }) => id.startsWith('LakeAccessLogs'));
  if (types.length === 0 || what.startsWith('bucket')) return resources.filter(({ id }) => id.startsWith('LakeBucket'));
  return resources.filter(({ Type }) => types.includes(Type));
}
const secretIds: Readonly<Record<string, RegExp>> = {
  'api-key': /^ApiKeySecret/,
  webhook: /^WebhookSecret/,
  'hash-key': /^HashKeySecret/,
};

const bucket = `arn:aws:s3:::${lakeBucketName('main', account, region)}`;
const arnOf = (service: string, name: string) => `arn:aws:${service}:${region}:${account}:${name}`;
const objectOf = (key: string): [string, string] => ['s3:GetObject', `${bucket}/${key}`];
const secretOf = (name: 'api-key' | 'webhook' | 'hash-key'): [string, string] => [
  'secretsmanager:GetSecretValue',
  arnOf('secretsmanager', `secret:${secretName('main', name)}-AbCdEf`),
];
/** For each row, by the start of its text, a call that reads what it describes. */
const reading: Readonly<Record<string, [action: string, resource: string]>> = {
  '… `current/`': objectOf(dataFileKey('leads', new Date(0), 'a')),
  '… `raw/`': objectOf('raw/leads/a'),
  '… `runs/`': objectOf('runs/a/report.json'),
  '… `state/`': objectOf('state/told.json'),
  '… `pages/`': objectOf('pages/index.html'),
  '… `athena-results/`': objectOf('athena-results/a.csv'),
  '… `models/`': objectOf('models/a'),
  '… `models-results/`': objectOf('models-results/a.csv'),
  'bucket of the lake': objectOf('lake/leads/a.parquet'),
  'bucket of access logs': ['s3:GetObject', `arn:aws:s3:::${accessLogBucketName('main', account, region)}/a`],
  'secret `api-key`': secretOf('api-key'),
  'secret `webhook`': secretOf('webhook'),
  'secret `hash-key`': secretOf('hash-key'),
  databases: ['glue:GetTable', arnOf('glue', `table/${databaseName('main')}/leads`)],
  workgroups: ['athena:GetQueryExecution', arnOf('athena', 'workgroup/prospect-lake-main')],
  'saved queries': ['athena:GetNamedQuery', arnOf('athena', 'workgroup/prospect-lake-main')],
  queues: ['sqs:ReceiveMessage', arnOf('sqs', 'ProspectLake-main-Pipeline-RefreshQueue-a')],
  logs: ['logs:GetLogEvents', arnOf('logs', 'log-group:ProspectLake-main-Pipeline-PlanLogGroup-a:log-stream:b')],
  functions: ['lambda:GetFunction', arnOf('lambda', `function:${functionName('main', 'plan')}`)],
  roles: ['iam:GetRole', `arn:aws:iam::${account}:role/prospect-lake/main/a`],
  schedules: ['scheduler:GetSchedule', arnOf('scheduler', 'schedule/default/prospect-lake-main-nightly')],
  'webhook address': ['apigateway:GET', `arn:aws:apigateway:${region}::/apis/a`],
  'topic of alarms': ['sns:ListSubscriptionsByTopic', arnOf('sns', 'ProspectLake-main-Pipeline-Topic')],
  alarms: ['cloudwatch:DescribeAlarms', arnOf('cloudwatch', 'alarm:a')],
};

/** Days after which S3, SQS or CloudWatch deletes what a resource holds. */
function daysOf({ Type, Properties }: (typeof resources)[number], names: readonly string[]): number[] {
  if (Type === 'AWS::Logs::LogGroup') return [z.number().parse(Properties['RetentionInDays'])];
  if (Type === 'AWS::SQS::Queue') return [z.number().parse(Properties['MessageRetentionPeriod']) / 86_400];
  if (Type !== 'AWS::S3::Bucket') return [];
  const rule = z.looseObject({ Prefix: z.string().optional(), ExpirationInDays: z.number().optional() });
  const { Rules } = z.object({ Rules: z.array(rule) }).parse(Properties['LifecycleConfiguration']);
  return Rules.flatMap(({ Prefix, ExpirationInDays = [] }) =>
    Prefix === undefined || names.includes(Prefix) ? ExpirationInDays : [],
  );
}

describe('the table of what a deployment creates', () => {
  it('has every type of resource of the templates, and no other', () => {
    const told = new Set(rows.flatMap(({ types }) => types));
    expect([...told].toSorted()).toEqual([...new Set(resources.map(({ Type }) => Type))].toSorted());
    const secrets = resources.filter(({ Type }) => Type === 'AWS::SecretsManager::Secret').length;
    expect(rows.filter(({ what }) => what.startsWith('secret'))).toHaveLength(secrets);
    expect(resources.filter(({ Type }) => Type === 'AWS::S3::Bucket')).toHaveLength(2);
  });

  it.each(rows)('says of $what what is deleted with the stack', (row) => {
    const ends = new Set(
      of(row).map(({ DeletionPolicy }) => (DeletionPolicy.startsWith('Retain') ? 'stays' : 'deleted')),
    );
    expect([...ends]).toEqual([row.destroy.split(',')[0]]);
  });

  it.each(rows)('says of $what whether it takes a key of your own', (row) => {
    // The environments and roles of functions name the key, which does not encrypt them.
    const own = /function|role|schedule/.test(row.what)
      ? []
      : of(row).filter(({ Properties }) => JSON.stringify(Properties).includes(kmsKeyArn));
    expect(row.key.includes('yours')).toBe(own.length > 0);
  });

  it.each(rows)('says of $what how long it is kept', (row) => {
    const days = new Set(of(row).flatMap((one) => daysOf(one, row.names)));
    expect([/(\d+) days/.exec(row.kept)?.[1]].flatMap((text) => text ?? [])).toEqual([...days].map(String));
  });

  it.each(rows)('says of $what which policies let people read it', ({ what, readers }) => {
    const [, call] = Object.entries(reading).find(([start]) => what.startsWith(start)) ?? [];
    if (!call) throw new Error(`No call of the test reads: ${what}`);
    const { execution: _, boundary: __, ...ofPeople } = policies;
    const allowed = Object.entries(ofPeople).flatMap(([name, policy]) =>
      allows(policy(targetOf('main', region)), ...call) ? [name] : [],
    );
    expect(readers).toEqual(allowed);
  });
});
