import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface AlarmTopicProps {
  readonly workspace: string;
  /** Gets the alarms by mail, once it has confirmed. */
  readonly email: string | undefined;
}

/**
 * Where alarms go: over TLS only, and encrypted with a key of its own, since CloudWatch may not use the key
 * that AWS manages for SNS. Nothing that lasts is encrypted with it, so that it goes with the stack.
 */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { workspace, email }: AlarmTopicProps) {
    super(scope, id);
    const key = new Key(this, 'Key', {
      description: `Encrypts the alarms of the ProspectB2B workspace '${workspace}' on their way.`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.topic = new Topic(this, 'Topic', {
      displayName: `Prospect Lake ${workspace}`,
      masterKey: key,
      enforceSSL: true,
    });
    const cloudWatch = {
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    };
    key.addToResourcePolicy(
      new PolicyStatement({ ...cloudWatch, actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'] }),
    );
    this.topic.addToResourcePolicy(
      new PolicyStatement({ ...cloudWatch, actions: ['sns:Publish'], resources: [this.topic.topicArn] }),
    );
    if (email) {
      new Subscription(this, 'Mail', { topic: this.topic, protocol: SubscriptionProtocol.EMAIL, endpoint: email });
    }
  }
}
