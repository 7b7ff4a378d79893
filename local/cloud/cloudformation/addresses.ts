/** The names, ARNs and URLs of resources in the embedded cloud. */

import type { Resource } from './template.ts';

/** Account id in all ARNs: the one that fauxqs, the library that emulates S3, SQS and SNS, uses for its queues. */
const account = '000000000000';
export const region = 'us-east-1';

/** Values of `Ref` for the pseudo parameters. */
export const pseudoParameters: Readonly<Record<string, string>> = {
  'AWS::AccountId': account,
  'AWS::Region': region,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

interface Kind {
  /** Template property that can hold the resource's name. */
  readonly nameProperty?: string;
  /** Maximum length of the name. */
  readonly maxName?: number;
  readonly lowerCase?: true;
  readonly arn?: (name: string) => string;
  /** Which of the resource's values `Ref` gives. @default the name */
  readonly ref?: 'arn' | 'url';
}

const arn = (service: string, before = '', after = '') => ({
  arn: (name: string) => `arn:aws:${service}:${region}:${account}:${before}${name}${after}`,
});

const kinds: Readonly<Record<string, Kind>> = {
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    maxName: 63,
    lowerCase: true,
    arn: (name) => `arn:aws:s3:::${name}`,
  },
  'AWS::SQS::Queue': { nameProperty: 'QueueName', maxName: 80, ref: 'url', ...arn('sqs') },
  'AWS::Lambda::Function': { nameProperty: 'FunctionName', maxName: 64, ...arn('lambda', 'function:') },
  'AWS::SecretsManager::Secret': { nameProperty: 'Name', ref: 'arn', ...arn('secretsmanager', 'secret:', '-LOCAL0') },
  'AWS::SNS::Topic': { nameProperty: 'TopicName', ref: 'arn', ...arn('sns') },
  'AWS::IAM::Role': { nameProperty: 'RoleName', arn: (name) => `arn:aws:iam::${account}:role/${name}` },
  'AWS::Logs::LogGroup': { nameProperty: 'LogGroupName', ...arn('logs', 'log-group:', ':*') },
  'AWS::Scheduler::Schedule': { nameProperty: 'Name', ...arn('scheduler', 'schedule/default/') },
  'AWS::Events::Rule': { nameProperty: 'Name', ...arn('events', 'rule/') },
};

export const kindOf = ({ type }: Resource): Kind => kinds[type] ?? {};

/** URL of a queue. Its host is the embedded cloud's, because an SQS client sends its requests to the URL's host. */
export const queueUrl = (endpoint: string, queueName: string) => `${endpoint}/${account}/${queueName}`;

/** Makes a name for a resource that has none in its template. The name is the same at each start. */
export function generatedName(resource: Resource): string {
  const { maxName = 255, lowerCase } = kindOf(resource);
  const name = `${resource.stack}-${resource.logicalId}`.slice(-maxName).replace(/^-+/, '');
  return lowerCase ? name.toLowerCase() : name;
}
