import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  AccountPrincipal,
  AnyPrincipal,
  ArnPrincipal,
  type IRole,
  ManagedPolicy,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { WorkspaceInput } from '../../../lib/config/workspace-input.ts';
import { ProspectLake } from '../../../lib/prospect-lake.ts';
import { policies } from '../../../policies/policies.ts';
import { policyTargetOf } from '../../../policies/policy-target.ts';
import { context, list } from '../templates.ts';

const env = { account: '111122223333', region: 'eu-central-1' };
const kmsKeyArn = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const statement = z.object({
  Effect: z.string(),
  Action: list(z.string()),
  Resource: list(z.unknown()),
  Condition: z.unknown().optional(),
});
const policy = z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) });

/** The statements of a role in a stack of its own that is granted to query each of these workspaces. */
function granted(place: { account?: string; region?: string }, ...configs: readonly WorkspaceInput[]) {
  const app = new App({ context });
  const stack = new Stack(app, 'Reports', { env: place });
  const role = new Role(stack, 'Reader', { assumedBy: new AccountPrincipal(env.account) });
  for (const config of configs) new ProspectLake(app, config.name, { config }).grantQuery(role).assertSuccess();
  return Template.fromStack(stack);
}
const statementsOf = (template: Template) =>
  Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
    ({ Properties }) => policy.parse(Properties).PolicyDocument.Statement,
  );

describe('a role that may query a workspace', () => {
  it.each([[{}], [{ kmsKeyArn }]])('has the permissions of analyst.json, and no others: %o', (more) => {
    const config = { name: 'main', ...env, ...more };
    const wanted = policies.analyst(policyTargetOf({ kmsKeyArn: undefined, ...config }));
    expect(statementsOf(granted(env, config))).toEqual(
      wanted.Statement.map(({ Effect, Action, Resource, Condition }) => ({ Effect, Action, Resource, Condition })),
    );
  });

  it('may query several', () => {
    const statements = statementsOf(granted(env, { name: 'main', ...env }, { name: 'sales', ...env }));
    expect(JSON.stringify(statements)).toMatch(/prospect_lake_main\b.*prospect_lake_sales\b/);
  });

  it('is in an app that names neither account nor region', () => {
    const template = granted({}, { name: 'main' });
    expect(statementsOf(template)).toHaveLength(policies.analyst(policyTargetOf({ name: 'main' })).Statement.length);
    expect(JSON.stringify(template.toJSON())).toContain('{"Ref":"AWS::AccountId"}');
  });
});

it('a managed policy may be granted, for roles that this app does not change', () => {
  const app = new App({ context });
  const stack = new Stack(app, 'Reports', { env });
  const config = { name: 'main', ...env };
  new ProspectLake(app, 'Lake', { config }).grantQuery(new ManagedPolicy(stack, 'Analyst')).assertSuccess();
  const [made] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
  expect(policy.parse(made?.['Properties']).PolicyDocument.Statement).toHaveLength(
    policies.analyst(policyTargetOf(config)).Statement.length,
  );
});

describe('a role whose policies the app does not change is refused, though the CDK reports a success', () => {
  const stack = new Stack(new App({ context }), 'Reports', { env });
  const arn = 'arn:aws:iam::111122223333:role/theirs';
  const sso = 'AWSReservedSSO_Analyst_0123456789abcdef';
  const byIdentityCenter = 'is a role of IAM Identity Center, which takes policies only from its permission set. Grant';
  it.each<[role: IRole, problem: string]>([
    [Role.fromRoleArn(stack, 'Fixed', arn, { mutable: false }), 'Reports/Fixed is imported with mutable: false'],
    [
      Role.fromRoleArn(stack, 'Sso', `arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/${sso}`),
      byIdentityCenter,
    ],
    [Role.fromRoleName(stack, 'SsoByName', sso), byIdentityCenter],
    [Role.fromRoleName(stack, 'SsoFixed', sso, { mutable: false }), byIdentityCenter],
  ])('%o', (role, problem) => {
    const lake = new ProspectLake(new App({ context }), 'Lake', { config: { name: 'main', ...env } });
    expect(() => lake.grantQuery(role)).toThrow(problem);
    expect(() => lake.grantQuery(role)).toThrow("new ManagedPolicy(stack, 'Analyst'");
  });
});

describe('somebody who cannot be granted is refused, with what to give instead', () => {
  const stack = new Stack(new App({ context }), 'Reports', { env });
  const foreign = Role.fromRoleArn(stack, 'Theirs', 'arn:aws:iam::999922223333:role/theirs');
  it.each<[grantee: unknown, problem: string]>([
    [undefined, 'It was given undefined.'],
    ['arn:aws:iam::111122223333:role/theirs', "It was given the text 'arn:aws:iam::111122223333:role/theirs'."],
    [foreign, 'Reports/Theirs belongs to the account 999922223333, the workspace to 111122223333.'],
    [new AccountPrincipal('999922223333'), 'AccountPrincipal(999922223333) belongs to the account 999922223333'],
    [new AccountPrincipal(env.account), 'AccountPrincipal(111122223333) has no policy that could allow it.'],
    [new ServicePrincipal('glue.amazonaws.com'), 'ServicePrincipal(glue.amazonaws.com) has no policy'],
    [new ArnPrincipal('arn:aws:iam::111122223333:role/theirs'), 'has no policy'],
    [new AnyPrincipal(), 'AnyPrincipal() has no policy'],
  ])('%o', (grantee, problem) => {
    const lake = new ProspectLake(new App({ context }), 'Lake', { config: { name: 'main', ...env } });
    const grant = () => Reflect.apply(lake.grantQuery, lake, [grantee]);
    expect(grant).toThrow(problem);
    expect(grant).toThrow("make a role that it may assume, and grant that: new Role(stack, 'Reader',");
  });
});
