import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { prospectLakeApp } from '../../lib/app.ts';
import { parseWorkspace } from '../../lib/config/config.ts';
import { boundary } from '../../policies/boundary-policy.ts';
import { policyTargetOf } from '../../policies/policy-target.ts';
import { fullConfig } from '../support/access-recording.ts';
import { policiesIn } from '../support/iam-policies.ts';
import { account, allows, targetOf } from '../support/policies.ts';

const folder = mkdtempSync(join(tmpdir(), 'boundary-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the roles of a workspace may do, in the account and region of the embedded cloud. */
const config = {
  ...fullConfig,
  exports: { source: { bucket: 'files', roleArn: 'arn:aws:iam::111122223333:role/reads-files' } },
  kmsKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555',
  vpc: { subnetIds: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
};

describe('the permissions boundary', () => {
  it('allows everything that a role of the stacks may do, with every option', async () => {
    prospectLakeApp([config], { outdir: folder, bundled: false }).synth();
    const { statements } = await policiesIn(folder);
    const made = boundary(policyTargetOf({ ...parseWorkspace(config), account: '000000000000', region: 'us-east-1' }));
    const roles = statements.filter(({ principal, effect }) => effect === 'Allow' && !/[*.:]/.test(principal));
    const beyond = roles.flatMap(({ principal, actions, resources }) =>
      actions.flatMap((action) =>
        resources
          .filter((resource) => !allows(made, action, resource))
          .map((resource) => `${principal} ${action} ${resource}`),
      ),
    );
    expect(beyond).toEqual([]);
    expect(new Set(roles.map(({ principal }) => principal)).size).toBeGreaterThan(10);
  });

  it('lets no role touch what is not of a workspace', () => {
    const made = boundary(targetOf('main'));
    const others: [string, string][] = [
      ['s3:GetObject', 'arn:aws:s3:::company-files/a'],
      ['secretsmanager:GetSecretValue', `arn:aws:secretsmanager:eu-central-1:${account}:secret:company-Ab1Cd2`],
      ['lambda:InvokeFunction', `arn:aws:lambda:eu-central-1:${account}:function:company`],
      ['iam:PassRole', `arn:aws:iam::${account}:role/company`],
      ['sts:AssumeRole', `arn:aws:iam::${account}:role/company`],
    ];
    for (const [action, resource] of others) expect([action, allows(made, action, resource)]).toEqual([action, false]);
  });
});
