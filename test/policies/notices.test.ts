import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { Notices } from '../../lib/notices.ts';
import { policies } from '../../policies/policies.ts';
import { actionFor, namedResources } from '../support/named-resources.ts';
import { account, allows, targetOf } from '../support/policies.ts';

/** The longest name of a workspace, in a stack that is named as docs/notices.md says. */
const target = targetOf('abcdefghijklmnopqrst');
const made = noticesNamed('ProspectLake-abcdefghijklmnopqrst-Notices');

function noticesNamed(name: string) {
  const stack = new Notices(new App(), name, {
    lake: { workspace: target.workspace, alarmTopic: { topicArn: `arn:aws:sns:eu-central-1:${account}:alarms` } },
    slackSecret: 'prospect-lake/slack',
    teamsSecret: 'prospect-lake/teams',
    nightsTo: 'data@example.com',
  });
  return namedResources(stack.stackName, Template.fromStack(stack), target);
}

const arnsOf = (type: string) => made.filter((one) => one.type === type).map(({ arn }) => arn);

describe('a stack of notices', () => {
  const execution = policies.execution(target);

  it('is created with the policy execution alone', () => {
    for (const { type, arn } of made)
      expect([arn, allows(execution, actionFor[type] ?? type, arn)]).toEqual([arn, true]);
    for (const type of ['AWS::Events::Connection', 'AWS::Events::ApiDestination', 'AWS::Events::Rule'])
      expect(arnsOf(type)).toHaveLength(2);
  });

  it('has connections whose secrets EventBridge can make and CloudFormation can delete with that policy', () => {
    for (const connection of arnsOf('AWS::Events::Connection')) {
      const secret = connection
        .replace(':events:', ':secretsmanager:')
        .replace(':connection/', ':secret:events!connection/');
      for (const action of ['CreateSecret', 'UpdateSecret', 'PutSecretValue', 'GetSecretValue', 'DeleteSecret'])
        expect([secret, allows(execution, `secretsmanager:${action}`, `${secret}-Ab1Cd2`)]).toEqual([secret, true]);
    }
  });

  it('posts within the permissions boundary', () => {
    for (const arn of arnsOf('AWS::Events::ApiDestination'))
      expect([arn, allows(policies.boundary(target), 'events:InvokeApiDestination', arn)]).toEqual([arn, true]);
  });

  it('has names that AWS accepts, however long its own is', () => {
    for (const { type, arn } of noticesNamed(`ProspectLake-${'a'.repeat(100)}`)) {
      if (!/Connection|ApiDestination/.test(type)) continue;
      expect(arn.split('/')[1]).toMatch(/^ProspectLake-[-A-Za-z0-9]{1,51}$/);
    }
  });
});

it('the policies touch no connections, posts and secrets of others', () => {
  const others = ['connection/company/1', 'api-destination/company/1'].map(
    (rest) => `arn:aws:events:eu-central-1:${account}:${rest}`,
  );
  const secret = `arn:aws:secretsmanager:eu-central-1:${account}:secret:events!connection/company/1-Ab1Cd2`;
  for (const arn of others)
    expect([arn, allows(policies.execution(target), 'events:DeleteConnection', arn)]).toEqual([arn, false]);
  expect(allows(policies.execution(target), 'secretsmanager:GetSecretValue', secret)).toBe(false);
  for (const arn of others)
    expect([arn, allows(policies.boundary(target), 'events:InvokeApiDestination', arn)]).toEqual([arn, false]);
});
