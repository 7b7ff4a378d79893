/** What the doctor says of an account, whatever AWS answers. */

import { describe, expect, it } from 'vitest';
import type { AwsCloud } from '../../doctor/aws/cloud.ts';
import { examineAws } from '../../doctor/aws/examine-aws.ts';
import { exitStatus } from '../../doctor/finding.ts';
import { parseWorkspace } from '../../lib/config/config.ts';

const account = '111122223333';
const region = 'eu-central-1';
const keyArn = `arn:aws:kms:${region}:${account}:key/11111111-2222-3333-4444-555555555555`;
const toolkit = { status: 'CREATE_COMPLETE', outputs: new Map([['BootstrapVersion', '28']]) };
const use = ['kms:Decrypt', 'kms:GenerateDataKey*'];
const service = (name: string) => ({ Effect: 'Allow', Principal: { Service: name }, Action: use, Resource: '*' });
const root = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' };
const events = service('events.amazonaws.com');
const statements = [root, service(`logs.${region}.amazonaws.com`), service('cloudwatch.amazonaws.com'), events];

/** An account that is prepared, and in which nothing is deployed. */
const prepared: AwsCloud = {
  region,
  caller: async () => ({ account, arn: `arn:aws:sts::${account}:assumed-role/Deployer/a-person@example.com` }),
  stack: async (name) => (name === 'CDKToolkit' ? toolkit : undefined),
  concurrency: async () => ({ limit: 1_000, unreserved: 900 }),
  bucket: async () => 'free',
  secret: async () => undefined,
  key: async () => ({ isEnabled: true, isSymmetric: true, policy: { Statement: statements } }),
};

async function examine(cloud: Partial<AwsCloud> = {}, fields: { kmsKeyArn?: string; account?: string } = {}) {
  return examineAws(parseWorkspace({ name: 'main', ...fields }), async () => ({ ...prepared, ...cloud }));
}
const named = (name: string) => () => Promise.reject(Object.assign(new Error(name), { name }));

describe('the doctor in an account', () => {
  it('finds a prepared one in order, and names the role but not the person', async () => {
    const findings = await examine({}, { kmsKeyArn: keyArn });
    expect(exitStatus(findings)).toBe(0);
    expect(findings[0]?.says).toBe(`${account}, region ${region}, as assumed-role/Deployer`);
    expect(JSON.stringify(findings)).not.toContain('a-person');
  });

  it.each<[string, Partial<AwsCloud>, string]>([
    [
      'no bootstrap',
      { stack: async () => undefined },
      'bootstrap: The account is not prepared for CDK: there is no stack CDKToolkit.',
    ],
    [
      'an old bootstrap',
      {
        stack: async (name) =>
          name === 'CDKToolkit' ? { ...toolkit, outputs: new Map([['BootstrapVersion', '3']]) } : undefined,
      },
      'bootstrap: CDKToolkit has version 3; a deployment needs 6',
    ],
    [
      'a small quota',
      { concurrency: async () => ({ limit: 10, unreserved: 10 }) },
      'quota: 10 of 10 concurrent executions of Lambda are free to use; this workspace uses up to 12',
    ],
    [
      'a bucket that is left',
      { bucket: async (name) => (name.startsWith('prospect-lake') ? 'ours' : 'free') },
      `names: The bucket prospect-lake-main-${account}-${region} exists already.`,
    ],
    [
      'a secret in deletion',
      { secret: async (name) => (name.endsWith('api-key') ? 'being deleted' : undefined) },
      'names: The secret prospect-lake/main/api-key exists already, marked for deletion.',
    ],
    [
      'a stack that failed',
      {
        stack: async (name) =>
          name.endsWith('Data')
            ? { ...toolkit, status: 'ROLLBACK_COMPLETE' }
            : name === 'CDKToolkit'
              ? toolkit
              : undefined,
      },
      'stacks: ProspectLake-main-Data is in the state ROLLBACK_COMPLETE.',
    ],
    [
      'a policy without EventBridge',
      {
        key: async () => ({
          isEnabled: true,
          isSymmetric: true,
          policy: { Statement: statements.filter((each) => each !== events) },
        }),
      },
      'kms key: Its policy lacks events.amazonaws.com.',
    ],
  ])('says what to do about %s', async (_, cloud, says) => {
    const findings = await examine(cloud, { kmsKeyArn: keyArn });
    const bad = findings.filter(({ level }) => level === 'look');
    expect(bad.map(({ area, says: words }) => `${area}: ${words}`)).toEqual([says]);
    expect(bad[0]?.todo).not.toBe('');
  });

  it('stops at another account, and at a key that is switched off', async () => {
    expect(exitStatus(await examine({}, { account: '999999999999' }))).toBe(2);
    const off = { key: async () => ({ isEnabled: false, isSymmetric: true, policy: { Statement: statements } }) };
    expect(exitStatus(await examine(off, { kmsKeyArn: keyArn }))).toBe(2);
  });

  it('leaves out in a line what the credentials may not look at', async () => {
    const findings = await examine({ concurrency: named('AccessDeniedException') });
    expect(exitStatus(findings)).toBe(0);
    expect(findings).toContainEqual({
      area: 'quota',
      level: 'skipped',
      says: 'These credentials may not look at it (AccessDeniedException).',
    });
  });

  it.each([
    ['CredentialsProviderError', 'skipped', 'no AWS credentials'],
    ['ExpiredToken', 'look', 'AWS refuses the credentials (ExpiredToken).'],
    ['TimeoutError', 'look', 'AWS does not answer (TimeoutError).'],
  ])('says in one line that it has %s', async (name, level, says) => {
    const findings = await examine({ caller: named(name) });
    expect(findings).toEqual([expect.objectContaining({ area: 'aws', level, says: expect.stringContaining(says) })]);
  });
});
