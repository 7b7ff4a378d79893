/** Values of a CDK app that are known only during the deployment. */

import { App, Aws, CfnParameter, Fn, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineConfig } from '../../lib/config/config.ts';
import { ProspectLake } from '../../lib/prospect-lake.ts';
import { context, propertiesOf } from './templates.ts';

const env = { account: '111122223333', region: 'eu-central-1' };
const lambda = z.object({ VpcConfig: z.object({ SubnetIds: z.unknown(), SecurityGroupIds: z.unknown() }) });

describe('a workspace in an app that makes its VPC and its key', () => {
  const app = new App({ context });
  const stack = new Stack(app, 'Network', { env });
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const group = new SecurityGroup(stack, 'Group', { vpc });
  const { data, pipeline } = new ProspectLake(app, 'Lake', {
    config: {
      name: 'main',
      ...env,
      kmsKeyArn: new Key(stack, 'Key').keyArn,
      vpc: {
        subnetIds: vpc.selectSubnets({ subnets: vpc.privateSubnets }).subnetIds,
        securityGroupIds: [group.securityGroupId],
      },
    },
  });

  it('has functions in its subnets', () => {
    const functions = propertiesOf(Template.fromStack(pipeline), 'AWS::Lambda::Function', lambda);
    for (const { VpcConfig } of functions.values()) {
      expect(JSON.stringify(VpcConfig.SubnetIds)).toMatch(/PrivateSubnet1.*PrivateSubnet2/);
      expect(JSON.stringify(VpcConfig.SecurityGroupIds)).toContain('Group');
    }
    expect(pipeline.dependencies).toContain(stack);
  });

  it('has a bucket with its key', () => {
    const buckets = JSON.stringify(Template.fromStack(data).findResources('AWS::S3::Bucket'));
    expect(buckets).toMatch(/"KMSMasterKeyID":\{[^}]*Key/);
  });
});

it('a topic of the app gets the alarms, and its policy lets them in', () => {
  const app = new App({ context });
  const stack = new Stack(app, 'OnCall', { env });
  const topic = new Topic(stack, 'Topic');
  const { pipeline } = new ProspectLake(app, 'Lake', {
    config: { name: 'main', ...env, alarmTopicArn: topic.topicArn },
  });
  const template = Template.fromStack(pipeline);
  const metadata = pipeline.node.findAll().flatMap(({ node }) => node.metadata);
  expect(metadata.filter(({ type }) => type === 'aws:cdk:warning')).toEqual([]);
  expect(template.findResources('AWS::SNS::Topic')).toEqual({});
  const alarms = [
    ...propertiesOf(template, 'AWS::CloudWatch::Alarm', z.object({ AlarmActions: z.unknown() })).values(),
  ];
  for (const { AlarmActions } of alarms) expect(JSON.stringify(AlarmActions)).toMatch(/OnCall.*Topic/);
  expect(pipeline.dependencies).toContain(stack);
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::SNS::TopicPolicy'));
  expect(policy).toMatchObject({
    Properties: {
      PolicyDocument: {
        Statement: [
          { Action: 'sns:Publish', Principal: { Service: ['cloudwatch.amazonaws.com', 'events.amazonaws.com'] } },
        ],
      },
      Topics: [stack.resolve(topic.topicArn)],
    },
  });
});

it('a topic that the app makes in another region is refused', () => {
  const app = new App({ context });
  const { topicArn } = new Topic(new Stack(app, 'OnCall', { env: { ...env, region: 'us-east-1' } }), 'Topic');
  expect(() => new ProspectLake(app, 'Lake', { config: { name: 'main', ...env, alarmTopicArn: topicArn } })).toThrow(
    "workspace 'main': alarmTopicArn: has to be a topic of the region eu-central-1; OnCall/Topic is of us-east-1",
  );
});

it('another value of a key or topic than its ARN is refused', () => {
  const app = new App({ context });
  const stack = new Stack(app, 'Own', { env });
  const { keyId, keyArn } = new Key(stack, 'Key');
  const { topicName, topicArn } = new Topic(stack, 'Topic');
  const make = (config: { kmsKeyArn?: string; alarmTopicArn?: string }) => () =>
    new ProspectLake(app, 'Lake', { config: { name: 'main', ...env, ...config } });
  const key = "workspace 'main': kmsKeyArn: has to be key.keyArn of a Key of the CDK, and was given another value of ";
  const topic =
    "workspace 'main': alarmTopicArn: has to be topic.topicArn of a Topic of the CDK, and was given another value of ";
  expect(make({ kmsKeyArn: keyId })).toThrow(`${key}Own/Key`);
  expect(make({ kmsKeyArn: topicArn })).toThrow(`${key}Own/Topic`);
  expect(make({ alarmTopicArn: topicName })).toThrow(`${topic}Own/Topic`);
  expect(make({ alarmTopicArn: keyArn })).toThrow(`${topic}Own/Key`);
  expect(make({ kmsKeyArn: new CfnParameter(stack, 'KeyArn').valueAsString })).not.toThrow();
});

it('a VPC that is not looked up yet has ids that are taken, so that the CDK can look it up', () => {
  const stack = new Stack(new App({ context }), 'Network', { env });
  const vpc = Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-0a1b2c3d' });
  const group = SecurityGroup.fromLookupById(stack, 'Group', 'sg-0a1b2c3d');
  const subnetIds = [...vpc.privateSubnets, ...vpc.publicSubnets].map(({ subnetId }) => subnetId);
  const securityGroupIds = [group.securityGroupId];
  expect(defineConfig([{ name: 'main', vpc: { subnetIds, securityGroupIds } }])[0]?.vpc?.subnetIds).toEqual(subnetIds);
});

it('a list that is known later is taken', () => {
  const subnetIds = Token.asList(Fn.split(',', Fn.importValue('subnets')));
  const config = { name: 'main', vpc: { subnetIds, securityGroupIds: ['sg-0a1b2c3d'] } };
  expect(defineConfig([config])[0]?.vpc?.subnetIds).toEqual(subnetIds);
});

it.each([
  [{ name: 'main', region: Aws.REGION }, "workspace 'main': region: ", 'write the value, or leave the field out'],
  [{ name: 'main', account: Aws.ACCOUNT_ID }, "workspace 'main': account: ", 'write the value, or leave the field out'],
  [{ name: Aws.STACK_NAME }, 'workspace: name: ', 'write the value'],
  [
    { name: 'main', exports: { source: { bucket: Aws.STACK_NAME } } },
    "'main': exports.source.bucket: ",
    'write the value',
  ],
  [
    { name: 'main', retention: { historyDays: Token.asNumber({ resolve: () => 30 }) } },
    "'main': retention.historyDays: ",
    'write the value',
  ],
])('a value that has to be known before is refused in one sentence: %o', (config, where, todo) => {
  expect(() => defineConfig([config])).toThrow(
    new RegExp(
      `^The configuration cannot be used: .*${where}has to be known before the deployment, which a token of the CDK is not: ${todo}$`,
    ),
  );
});
