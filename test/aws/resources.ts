/** The resources of the templates for moto: every value is resolved, and dependencies come first. */

import type { Assembly, Resource } from '../../local/cloud/cloudformation/template.ts';
import type { Values } from '../../local/cloud/cloudformation/values.ts';

/** Types in the order in which they are created, so that nothing refers to a missing resource. */
const order = [
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SecretsManager::Secret',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::Athena::WorkGroup',
  'AWS::Athena::NamedQuery',
  'AWS::SQS::Queue',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::IAM::Role',
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::Lambda::Function',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Scheduler::Schedule',
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Lambda::Permission',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SNS::Subscription',
  'AWS::Events::Rule',
  'AWS::SQS::QueuePolicy',
  'AWS::CloudWatch::Alarm',
];
/** Not created at moto: the test itself invokes the function behind this resource, as CloudFormation would. */
const custom = 'Custom::ProspectB2BWebhook';

export interface WantedResource {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The templates' resources, in the order of creation. @throws Error if a type is missing in {@link order} */
export function wantedResources({ stacks }: Assembly, values: Values): WantedResource[] {
  const all = [...stacks.values()].flatMap(({ resources }) => [...resources.values()]);
  const unknown = all.filter(({ type }) => type !== custom && !order.includes(type));
  if (unknown.length > 0)
    throw new Error(`Not known here: ${[...new Set(unknown.map(({ type }) => type))].join(', ')}.`);
  const rolePaths = new Map(
    all
      .filter(({ type }) => type === 'AWS::IAM::Role')
      .map((role) => [values.nameOf(role), String(values.property(role, 'Path') ?? '/')]),
  );
  return all
    .filter(({ type }) => type !== custom)
    .toSorted((a, b) => rank(a) - rank(b))
    .map((resource) => {
      const properties = Object.fromEntries(
        Object.keys(resource.properties).map((name) => [name, values.property(resource, name)]),
      );
      return {
        type: resource.type,
        id: resource.logicalId,
        name: values.nameOf(resource),
        properties: JSON.parse(withPaths(JSON.stringify(properties), rolePaths)) as Record<string, unknown>,
      };
    });
}

/** Place in the order of creation. A queue comes after its dead-letter queue. */
function rank({ type, properties }: Resource): number {
  return order.indexOf(type) + ('RedrivePolicy' in properties ? 0.5 : 0);
}

/** Adds the path of each role to its ARN; the embedded cloud's ARNs have no path. */
function withPaths(text: string, paths: ReadonlyMap<string, string>): string {
  return text.replaceAll(/:role\/([\w-]+)/g, (_, name: string) => `:role${paths.get(name) ?? '/'}${name}`);
}
