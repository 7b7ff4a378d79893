import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface AlarmTopicProps {
  readonly workspace: string;
  /** Gets the alarms by mail, once it has confirmed. */
  readonly email: string | undefined;
  /** Of the customer, whose policy has to let CloudWatch use it: docs/encryption.md. @default a key of the topic's own */
  readonly encryptionKey: IKey | undefined;
}

/**
 * Where alarms go: over TLS only, and encrypted. CloudWatch may not use the key that AWS manages for SNS, so
 * that without one of the customer the topic has its own; nothing that lasts is encrypted with it, and it goes
 * with the stack.
 */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { workspace, email, encryptionKey }: AlarmTopicProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      displayName: `Prospect Lake ${workspace}`,
      masterKey: encryptionKey ?? this.#ownKey(workspace),
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(
      new PolicyStatement({ ...this.#cloudWatch(), actions: ['sns:Publish'], resources: [this.topic.topicArn] }),
    );
    if (email) {
      const protocol = SubscriptionProtocol.EMAIL;
      const mail = new Subscription(this, 'Mail', { topic: this.topic, protocol, endpoint: email });
      acknowledge(
        mail,
        'Serverless-SNSRedrivePolicy',
        'A queue of mails that did not arrive would want an alarm of its own, by mail; the alarm itself stays to be seen in CloudWatch.',
      );
    }
  }

  #ownKey(workspace: string): Key {
    const key = new Key(this, 'Key', {
      description: `Encrypts the alarms of the ProspectB2B workspace '${workspace}' on their way.`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        ...this.#cloudWatch(),
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
      }),
    );
    return key;
  }

  #cloudWatch() {
    return {
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    };
  }
}
