import { SecretsManagerServiceException } from '@aws-sdk/client-secrets-manager';
import { SecretError } from '../core/errors.ts';

const actions = { read: 'secretsmanager:GetSecretValue', written: 'secretsmanager:PutSecretValue' } as const;
const keyActions = { read: 'kms:Decrypt', written: 'kms:GenerateDataKey' } as const;

/**
 * Says what a person must do so that a secret can be used.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors
 * @returns undefined if we know nothing better than AWS's own message
 */
export function toSecretError(error: unknown, use: 'read' | 'written', secretArn: string): SecretError | undefined {
  if (!(error instanceof SecretsManagerServiceException)) return undefined;
  const advice = adviceFor(error, use);
  if (advice === undefined) return undefined;
  return new SecretError(`The secret ${secretArn} cannot be ${use}: ${advice} Then deploy or run again.`, {
    cause: error,
  });
}

function adviceFor({ name, message }: SecretsManagerServiceException, use: 'read' | 'written'): string | undefined {
  switch (name) {
    case 'AccessDeniedException':
      return /\bKMS\b/i.test(message)
        ? `the role of the function may not use the KMS key (${keyActions[use]}). The key's policy must let IAM policies grant access: docs/encryption.md.`
        : `the role of the function lacks ${actions[use]}. Look for a policy of the secret, a permissions boundary or a service control policy that denies it.`;
    case 'DecryptionFailure':
    case 'EncryptionFailure':
      return 'the KMS key is disabled, pending deletion or cannot be reached. Enable it.';
    case 'InvalidRequestException':
      return 'it is marked for deletion. Restore it: aws secretsmanager restore-secret --secret-id <arn>.';
    default:
      return undefined;
  }
}
