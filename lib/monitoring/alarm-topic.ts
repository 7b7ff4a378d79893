import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge } from '../access/acknowledge.ts';

export interface AlarmTopicProps {
  readonly workspace: string;
  /** ARN of a topic of the customer, whose policy is theirs. @default a new topic */
  readonly existing: string | undefined;
  /** Address that receives the alarms by e-mail, once its owner has confirmed the subscription. */
  readonly email: string | undefined;
  /** The customer's key. Its policy has to let CloudWatch use it: docs/encryption.md. @default none */
  readonly encryptionKey: IKey | undefined;
}

/**
 * The topic for alarms: a topic of the customer, or a new one. A new one takes messages over TLS only, and is encrypted
 * with the customer's key if there is one. Otherwise it has no key: CloudWatch may not use the key that AWS manages for
 * SNS, and a key for the topic alone would cost more than all its e-mails. The texts contain only names and counts, and
 * leave as plain e-mail anyway.
 */
export class AlarmTopic extends Construct {
  readonly topic: ITopic;

  constructor(scope: Construct, id: string, { workspace, existing, email, encryptionKey }: AlarmTopicProps) {
    super(scope, id);
    if (existing !== undefined) {
      this.topic = Topic.fromTopicArn(this, 'Topic', existing);
      return;
    }
    this.topic = new Topic(this, 'Topic', {
      displayName: `Prospect Lake ${workspace}`,
      ...(encryptionKey ? { masterKey: encryptionKey } : {}),
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
      }),
    );
    if (email) {
      const protocol = SubscriptionProtocol.EMAIL;
      const mail = new Subscription(this, 'Mail', { topic: this.topic, protocol, endpoint: email });
      acknowledge(
        mail,
        'Serverless-SNSRedrivePolicy',
        'A queue of mails that did not arrive would need an alarm of its own, sent by mail. The alarm itself remains visible in CloudWatch.',
      );
    }
  }
}
