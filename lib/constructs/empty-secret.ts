import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../access/acknowledge.ts';

export interface EmptySecretProps {
  readonly secretName: string;
  readonly description: string;
  /** Why Secrets Manager does not rotate the secret, for cdk-nag. */
  readonly notRotated: string;
  /** @default Secrets Manager's own key */
  readonly encryptionKey: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A secret that is created without a value; the value is set after the deployment. CDK's `Secret` would generate a
 * value, and the pipeline would try to use it.
 */
export class EmptySecret extends Construct {
  readonly secret: ISecret;

  constructor(scope: Construct, id: string, props: EmptySecretProps) {
    super(scope, id);
    const secret = new CfnSecret(this, 'Secret', {
      name: props.secretName,
      description: props.description,
      ...(props.encryptionKey ? { kmsKeyId: props.encryptionKey.keyArn } : {}),
    });
    secret.applyRemovalPolicy(props.removalPolicy);
    acknowledge(secret, 'AwsSolutions-SMG4', props.notRotated);
    this.secret = Secret.fromSecretCompleteArn(this, 'Complete', secret.ref);
  }
}
