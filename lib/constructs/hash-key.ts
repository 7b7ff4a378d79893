import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../access/acknowledge.ts';
import { secretName } from '../config/names.ts';

export interface HashKeyProps {
  readonly workspace: string;
  /** @default Secrets Manager's own key */
  readonly encryptionKey: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * The key that personal data is hashed with, made up by Secrets Manager. It is there only while something is hashed: a
 * secret costs more than all else that stands idle. If hashing is turned off, the secret is left behind, since with
 * another key no new row would join an old one; docs/personal-data.md says how it comes back.
 */
export class HashKey extends Construct {
  readonly secret: ISecret;

  constructor(scope: Construct, id: string, { workspace, encryptionKey, removalPolicy }: HashKeyProps) {
    super(scope, id);
    const secret = new CfnSecret(this, 'Secret', {
      name: secretName(workspace, 'hash-key'),
      description: `Key of the hashes of personal data of the workspace '${workspace}'. With another, no new row joins an old one.`,
      // 64 of 62 characters: more than the 256 bits that the hash can use.
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      ...(encryptionKey ? { kmsKeyId: encryptionKey.keyArn } : {}),
    });
    secret.applyRemovalPolicy(removalPolicy);
    acknowledge(secret, 'AwsSolutions-SMG4', 'Hashes made with another key join with none that are in the tables.');
    this.secret = Secret.fromSecretCompleteArn(this, 'Complete', secret.ref);
  }
}
