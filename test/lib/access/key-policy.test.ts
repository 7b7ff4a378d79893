import { readFileSync } from 'node:fs';
import { Annotations, App, Stack, Token } from 'aws-cdk-lib';
import { CfnKey, type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allowServices } from '../../../lib/access/key-policy.ts';
import { prospectLakeApp } from '../../../lib/app.ts';
import { ProspectLake } from '../../../lib/prospect-lake.ts';
import { context } from '../templates.ts';

const env = { account: '111122223333', region: 'eu-central-1' };
const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';

/** The statements of docs/encryption.md, whose account and region are those of `env`. */
const [byIam, ...services] = z
  .array(z.looseObject({}))
  .parse(JSON.parse(/```json\n([\s\S]*?)```/.exec(readFileSync('docs/encryption.md', 'utf8'))?.[1] ?? ''))
  .map((statement) => ({ ...statement, Sid: undefined }));

/** An app with a stack of its own and a workspace that uses its key. */
function appWith(keyOf: (stack: Stack) => IKey, place: { account?: string; region?: string } = env) {
  const app = new App({ context });
  const stack = new Stack(app, 'Keys', { env: place });
  const key = keyOf(stack);
  const lake = new ProspectLake(app, 'Lake', { config: { name: 'main', ...place, kmsKeyArn: key.keyArn } });
  return { app, stack, lake };
}

/** The statements of the key that a stack makes, with the partition `aws`. */
function policyOf(stack: Stack): unknown {
  const key = stack.node.findChild('Key').node.defaultChild;
  const text = key instanceof CfnKey ? JSON.stringify(stack.resolve(key.keyPolicy)) : '';
  const arn = /\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]*)"\]\]\}/g;
  return z.object({ Statement: z.array(z.unknown()) }).parse(JSON.parse(text.replaceAll(arn, '"arn:aws$1"'))).Statement;
}
/** The warnings that the CDK shows: those of the stacks. */
const warningsOf = ({ data }: ProspectLake) =>
  data.node.findAll().flatMap(({ node }) => node.metadata.filter(({ type }) => type === 'aws:cdk:warning'));

describe('the key of a workspace', () => {
  it('that its app makes lets services use it as docs/encryption.md says', () => {
    const { stack, lake } = appWith((stack) => new Key(stack, 'Key'));
    expect(policyOf(stack)).toEqual([byIam, ...services]);
    expect(warningsOf(lake)).toEqual([]);
  });

  it('of two workspaces has each statement once', () => {
    const { app, stack } = appWith((stack) => new Key(stack, 'Key'));
    const [key] = stack.node.children.filter((child) => child instanceof Key);
    new ProspectLake(app, 'Second', { config: { name: 'second', ...env, kmsKeyArn: key?.keyArn } });
    expect(policyOf(stack)).toHaveLength(4);
  });

  it('in an app without account and region names those of the deployment', () => {
    const { stack } = appWith((stack) => new Key(stack, 'Key'), {});
    expect(JSON.stringify(policyOf(stack))).toContain('["logs.",{"Ref":"AWS::Region"},".amazonaws.com"]');
  });

  it.each<[what: string, keyOf: (stack: Stack) => IKey]>([
    ['by its ARN', (stack) => Key.fromKeyArn(stack, 'Key', keyArn)],
    ['by a value of the deployment', (stack) => Key.fromKeyArn(stack, 'Key', Token.asString({ Ref: 'KeyArn' }))],
  ])('that is imported %s is warned of, until somebody says that its policy is right', (_, keyOf) => {
    const { lake } = appWith(keyOf);
    expect(JSON.stringify(warningsOf(lake))).toContain('allowServices(key, { account:');
    Annotations.of(lake).acknowledgeWarning('prospect-lake:key-policy');
    expect(warningsOf(lake)).toEqual([]);
  });

  it.each([
    [{ ...env, region: 'us-east-1' }, 'has to be a key of the region eu-central-1; Keys/Key is of us-east-1'],
    [{ ...env, account: '999922223333' }, 'has to be a key of the account 111122223333; Keys/Key is of 999922223333'],
  ])('that its app makes elsewhere is refused: %o', (place, problem) => {
    const app = new App({ context });
    const { keyArn: kmsKeyArn } = new Key(new Stack(app, 'Keys', { env: place }), 'Key');
    expect(() => new ProspectLake(app, 'Lake', { config: { name: 'main', ...env, kmsKeyArn } })).toThrow(
      `workspace 'main': kmsKeyArn: ${problem}`,
    );
    expect(() => new ProspectLake(app, 'Any', { config: { name: 'any', kmsKeyArn } })).not.toThrow();
  });

  it('can be prepared in the app that makes it', () => {
    const stack = new Stack(new App({ context }), 'Keys', { env });
    expect(allowServices(new Key(stack, 'Key'))).toBe(true);
    expect(policyOf(stack)).toEqual([byIam, ...services]);
    expect(allowServices(Key.fromKeyArn(stack, 'Imported', keyArn))).toBe(false);
  });

  it('is not warned of in the app of this project, because the doctor reads its policy', () => {
    const app = prospectLakeApp([{ name: 'main', kmsKeyArn: keyArn }], { bundled: false });
    expect(JSON.stringify(app.node.findAll().map(({ node }) => node.metadata))).not.toContain('names a key');
  });
});
