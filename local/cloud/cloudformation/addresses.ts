import type { Resource } from './template.ts';

/** The names, ARNs and URLs that resources have in the embedded cloud. */

/** The account that fauxqs puts into the ARNs of its queues. */
const account = '000000000000';
export const region = 'us-east-1';

export class Addresses {
  /** The one server of all AWS services, such as `http://127.0.0.1:40001`. */
  readonly endpoint: string;
  /** Of each HTTP API, by the name that {@link physicalName} gives it. */
  readonly #apiEndpoints: ReadonlyMap<string, string>;

  constructor(endpoint: string, apiEndpoints: ReadonlyMap<string, string> = new Map()) {
    this.endpoint = endpoint;
    this.#apiEndpoints = apiEndpoints;
  }

  pseudoParameters(stackName: string): Readonly<Record<string, string>> {
    return {
      'AWS::AccountId': account,
      'AWS::Region': region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stackName,
      'AWS::StackId': arn('cloudformation', `stack/${stackName}/local`),
    };
  }

  /** An SQS client sends to the host of the queue's URL. */
  queueUrl(queueName: string): string {
    return `${this.endpoint}/${account}/${queueName}`;
  }

  apiEndpoint(apiId: string): string | undefined {
    return this.#apiEndpoints.get(apiId);
  }
}

/** The resolved properties of a resource. */
interface Properties {
  property(resource: Resource, name: string): unknown;
}

interface Kind {
  /** Property that names the resource, if the template does. */
  readonly nameProperty?: string;
  /** Longest name that the service takes. */
  readonly maxName?: number;
  readonly lowerCase?: true;
  /** Value of `Ref`, and of each attribute. */
  readonly ref: (name: string, addresses: Addresses) => string | undefined;
  readonly attributes: Readonly<Record<string, (name: string, addresses: Addresses) => string | undefined>>;
}

const named = (name: string) => name;
const lambdaArn = (name: string) => arn('lambda', `function:${name}`);
const queueArn = (name: string) => arn('sqs', name);
const topicArn = (name: string) => arn('sns', name);
const secretArn = (name: string) => arn('secretsmanager', `secret:${name}-LOCAL0`);
const bucketArn = (name: string) => `arn:aws:s3:::${name}`;
const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const scheduleArn = (name: string) => arn('scheduler', `schedule/default/${name}`);
const busArn = (name: string) => arn('events', `event-bus/${name}`);

const kinds: Readonly<Record<string, Kind>> = {
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    maxName: 63,
    lowerCase: true,
    ref: named,
    attributes: { Arn: bucketArn },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    maxName: 80,
    ref: (name, addresses) => addresses.queueUrl(name),
    attributes: { Arn: queueArn, QueueName: named, QueueUrl: (name, addresses) => addresses.queueUrl(name) },
  },
  'AWS::Lambda::Function': { nameProperty: 'FunctionName', maxName: 64, ref: named, attributes: { Arn: lambdaArn } },
  'AWS::SecretsManager::Secret': { nameProperty: 'Name', ref: secretArn, attributes: { Id: secretArn } },
  'AWS::SNS::Topic': { nameProperty: 'TopicName', ref: topicArn, attributes: { TopicArn: topicArn, TopicName: named } },
  'AWS::Events::EventBus': { nameProperty: 'Name', ref: named, attributes: { Arn: busArn, Name: named } },
  'AWS::IAM::Role': { nameProperty: 'RoleName', ref: named, attributes: { Arn: roleArn } },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    ref: named,
    attributes: { Arn: (name) => arn('logs', `log-group:${name}:*`) },
  },
  'AWS::Lambda::EventSourceMapping': { ref: named, attributes: {} },
  'AWS::Scheduler::Schedule': { nameProperty: 'Name', ref: named, attributes: { Arn: scheduleArn } },
  'AWS::Glue::Database': { ref: named, attributes: {} },
  'AWS::Athena::WorkGroup': { nameProperty: 'Name', ref: named, attributes: {} },
  'AWS::ApiGatewayV2::Api': {
    ref: named,
    attributes: { ApiId: named, ApiEndpoint: (name, addresses) => addresses.apiEndpoint(name) },
  },
  'AWS::ApiGatewayV2::Integration': { ref: named, attributes: {} },
};

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

/** The name that the template gives, else one made of the stack's name and the logical id, the same at each start. */
export function physicalName(resource: Resource, values: Properties): string {
  const { nameProperty } = kinds[resource.type] ?? {};
  const given = nameProperty ? values.property(resource, nameProperty) : undefined;
  return typeof given === 'string' ? given : generatedName(resource);
}

/** The name of a resource that its template does not name. */
export function generatedName({ type, stack, logicalId }: Resource): string {
  const { maxName = 255, lowerCase } = kinds[type] ?? {};
  const name = `${stack}-${logicalId}`.slice(-maxName).replace(/^-+/, '');
  return lowerCase ? name.toLowerCase() : name;
}

/** @returns undefined where a `Ref` of this type has no meaning here */
export function referenceTo(resource: Resource, addresses: Addresses, values: Properties): string | undefined {
  return kinds[resource.type]?.ref(physicalName(resource, values), addresses);
}

/** @returns undefined where this attribute of this type has no meaning here */
export function attributeOf(
  resource: Resource,
  attribute: string,
  addresses: Addresses,
  values: Properties,
): string | undefined {
  return kinds[resource.type]?.attributes[attribute]?.(physicalName(resource, values), addresses);
}
