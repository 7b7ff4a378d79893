/** The resources of a template by the names that AWS gives them, for comparing them with IAM policies. */

import type { Template } from 'aws-cdk-lib/assertions';
import { z } from 'zod';
import type { PolicyTarget } from '../../policies/policy-target.ts';
import { generatedName } from './generated-names.ts';
import { account } from './policies.ts';

export interface NamedResource {
  readonly type: string;
  readonly arn: string;
}

const named = z.record(
  z.string(),
  z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
);
const text = z.string();

/** Resources whose permissions are those of another: of the queue that a policy belongs to, for example. */
const partsOfOthers = [
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Athena::NamedQuery',
  'AWS::Glue::Table',
  'AWS::IAM::Policy',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Permission',
  'AWS::Logs::MetricFilter',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'Custom::ProspectB2BWebhook',
];

/** The action that creates each kind of resource. */
export const actionFor: Readonly<Record<string, string>> = {
  'AWS::Lambda::Function': 'lambda:CreateFunction',
  'AWS::SQS::Queue': 'sqs:CreateQueue',
  'AWS::Scheduler::Schedule': 'scheduler:CreateSchedule',
  'AWS::IAM::Role': 'iam:CreateRole',
  'AWS::IAM::ManagedPolicy': 'iam:CreatePolicy',
  'AWS::SecretsManager::Secret': 'secretsmanager:CreateSecret',
  'AWS::Athena::WorkGroup': 'athena:CreateWorkGroup',
  'AWS::CloudWatch::Alarm': 'cloudwatch:PutMetricAlarm',
  'AWS::Events::ApiDestination': 'events:CreateApiDestination',
  'AWS::Events::Connection': 'events:CreateConnection',
  'AWS::Events::Rule': 'events:PutRule',
  'AWS::SNS::Topic': 'sns:CreateTopic',
  'AWS::Glue::Database': 'glue:CreateDatabase',
  'AWS::S3::Bucket': 's3:CreateBucket',
  'AWS::Logs::LogGroup': 'logs:CreateLogGroup',
  'AWS::ApiGatewayV2::Api': 'apigateway:POST',
};

/** Every named resource of a template, with the name that AWS gives it. */
export function namedResources(stack: string, template: Template, target: PolicyTarget): NamedResource[] {
  const { partition, region, workspace } = target;
  const arn = (service: string, rest: string) => `arn:${partition}:${service}:${region}:${account}:${rest}`;
  const global = (service: string, rest: string) => `arn:${partition}:${service}::${account}:${rest}`;
  const resources = Object.entries(named.parse(template.toJSON()['Resources']));
  return resources.flatMap(([id, { Type: type, Properties: of }]): NamedResource[] => {
    const own = (property: string) => {
      const given = text.safeParse(of[property]);
      return given.success ? given.data : generatedName(type, stack, id);
    };
    const one = (value: string) => [{ type, arn: value }];
    switch (type) {
      case 'AWS::Lambda::Function':
        return one(arn('lambda', `function:${own('FunctionName')}`));
      case 'AWS::SQS::Queue':
        return one(arn('sqs', own('QueueName')));
      case 'AWS::Scheduler::Schedule':
        return one(arn('scheduler', `schedule/default/${own('Name')}`));
      case 'AWS::IAM::Role':
        return one(global('iam', `role${String(of['Path'] ?? '/')}${own('RoleName')}`));
      case 'AWS::IAM::ManagedPolicy':
        return one(global('iam', `policy${String(of['Path'] ?? '/')}${own('ManagedPolicyName')}`));
      case 'AWS::SecretsManager::Secret':
        return one(arn('secretsmanager', `secret:${own('Name')}-Ab1Cd2`));
      case 'AWS::Athena::WorkGroup':
        return one(arn('athena', `workgroup/${own('Name')}`));
      case 'AWS::CloudWatch::Alarm':
        return one(arn('cloudwatch', `alarm:${own('AlarmName')}`));
      case 'AWS::Events::Rule':
        return one(arn('events', `rule/${own('Name')}`));
      case 'AWS::Events::Connection':
        return one(arn('events', `connection/${text.parse(of['Name'])}/11111111-2222-3333-4444-555555555555`));
      case 'AWS::Events::ApiDestination':
        return one(arn('events', `api-destination/${text.parse(of['Name'])}/11111111-2222-3333-4444-555555555555`));
      case 'AWS::SNS::Topic':
        return one(arn('sns', own('TopicName')));
      case 'AWS::Glue::Database':
        return one(arn('glue', `database/${z.object({ Name: z.string() }).parse(of['DatabaseInput']).Name}`));
      case 'AWS::S3::Bucket': {
        const name =
          of['BucketName'] === undefined
            ? own('BucketName')
            : JSON.stringify(of['BucketName']).includes('prospect-logs')
              ? `prospect-logs-${workspace}-${account}-${region}`
              : `prospect-lake-${workspace}-${account}-${region}`;
        return one(`arn:${partition}:s3:::${name}`);
      }
      case 'AWS::Logs::LogGroup':
        return one(arn('logs', `log-group:${own('LogGroupName')}:*`));
      case 'AWS::ApiGatewayV2::Api':
        return one(`arn:${partition}:apigateway:${region}::/apis`);
      default:
        // A type that is not known here is a resource that no test compares with the policies.
        if (!partsOfOthers.includes(type)) throw new Error(`Say what the ARN of ${type} is.`);
        return [];
    }
  });
}
