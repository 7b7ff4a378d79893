import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface ApiKeySecretProps {
  readonly workspace: string;
  /** @default Secrets Manager's own key */
  readonly encryptionKey: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * The secret for the API key. It is made without a value, which a person puts there after the first
 * deployment; the higher-level construct would generate one, and the pipeline would try it as a key.
 */
export class ApiKeySecret extends Construct {
  readonly secret: ISecret;

  constructor(scope: Construct, id: string, { workspace, encryptionKey, removalPolicy }: ApiKeySecretProps) {
    super(scope, id);
    const secret = new CfnSecret(this, 'Secret', {
      name: `prospect-lake/${workspace}/api-key`,
      description: `API key of the ProspectB2B workspace '${workspace}', as plain text (pb2b_live_…).`,
      ...(encryptionKey ? { kmsKeyId: encryptionKey.keyArn } : {}),
    });
    secret.applyRemovalPolicy(removalPolicy);
    acknowledge(
      secret,
      'AwsSolutions-SMG4',
      'The vendor has no call that rotates a key: a person makes the new one and puts it here.',
    );
    this.secret = Secret.fromSecretCompleteArn(this, 'ApiKey', secret.ref);
  }
}
