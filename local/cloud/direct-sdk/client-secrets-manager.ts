import { clientOf, commandOf, DirectException } from './client.ts';

export class SecretsManagerServiceException extends DirectException {}

export class ResourceNotFoundException extends SecretsManagerServiceException {}

export const GetSecretValueCommand = commandOf('GetSecretValue');
export const PutSecretValueCommand = commandOf('PutSecretValue');
export const SecretsManagerClient = clientOf('secretsmanager', (error) =>
  error.name === 'ResourceNotFoundException'
    ? new ResourceNotFoundException(error)
    : new SecretsManagerServiceException(error),
);
