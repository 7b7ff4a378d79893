import { CfnResource, Reference, Tokenization } from 'aws-cdk-lib';
import { ConfigError } from './config.ts';

type Kind = 'AWS::KMS::Key' | 'AWS::SNS::Topic';

/** How the template names the ARN of a resource of each kind. */
const arnAttributes: Readonly<Record<Kind, readonly string[]>> = {
  'AWS::KMS::Key': ['Arn'],
  'AWS::SNS::Topic': ['Ref', 'TopicArn'],
};
const arnOf: Readonly<Record<Kind, string>> = {
  'AWS::KMS::Key': 'key.keyArn of a Key of the CDK',
  'AWS::SNS::Topic': 'topic.topicArn of a Topic of the CDK',
};

/**
 * Refuses a token that is another value of a key or topic of the app than its ARN, such as `key.keyId`. Of any other
 * token, such as a parameter, nothing is known.
 * @param what the field, such as `workspace 'main': kmsKeyArn`
 * @throws ConfigError
 */
export function refuseOtherToken(what: string, text: string | undefined, wanted: Kind): void {
  const token = text === undefined ? undefined : Tokenization.reverseCompleteString(text);
  if (!Reference.isReference(token) || !CfnResource.isCfnResource(token.target)) return;
  const { cfnResourceType: kind, node } = token.target;
  if (kind !== 'AWS::KMS::Key' && kind !== 'AWS::SNS::Topic') return;
  if (kind === wanted && arnAttributes[wanted].includes(token.displayName)) return;
  const owner = node.scope?.node.path ?? node.path;
  throw new ConfigError([`${what}: has to be ${arnOf[wanted]}, and was given another value of ${owner}`]);
}
