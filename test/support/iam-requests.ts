import type { Call } from '../../local/cloud/call-hook-runner.ts';

/** One action on a resource, as IAM evaluates it. */
export interface AccessRequest {
  /** The function, schedule or service that acts. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** Values by condition key. */
  readonly context: Readonly<Record<string, string>>;
}

const overTls = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' };
const place = 'us-east-1:000000000000';

const queueActions: Readonly<Record<string, string>> = {
  SendMessage: 'sqs:SendMessage',
  SendMessageBatch: 'sqs:SendMessage',
  ReceiveMessage: 'sqs:ReceiveMessage',
  DeleteMessage: 'sqs:DeleteMessage',
  GetQueueAttributes: 'sqs:GetQueueAttributes',
  DeleteMessageBatch: 'sqs:DeleteMessage',
  ChangeMessageVisibility: 'sqs:ChangeMessageVisibility',
};
const objectActions: Readonly<Record<string, string>> = {
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  PutObject: 's3:PutObject',
  DeleteObject: 's3:DeleteObject',
};

/**
 * The IAM requests that a call makes.
 * @param status of the answer: learning that an object is absent needs its own permission
 * @throws Error if this function knows no IAM action for the call
 */
export function requestsOf(call: Call, status: number): AccessRequest[] {
  const { service, operation, resource, functionName } = call;
  const request = (action: string | undefined, arn: string, context: Record<string, string> = {}): AccessRequest => {
    if (action === undefined) throw new Error(`Which IAM action allows ${service} ${operation} is not said here.`);
    return { principal: functionName, action, resource: arn, context: { ...overTls, ...context } };
  };
  switch (service) {
    case 's3': {
      const [bucket = '', ...key] = resource.split('/');
      const listing = (prefix: string) => request('s3:ListBucket', `arn:aws:s3:::${bucket}`, { 's3:prefix': prefix });
      if (operation === 'ListObjectsV2') return [listing(call.prefix ?? '')];
      const access = request(objectActions[operation], `arn:aws:s3:::${resource}`);
      // For an absent object, S3 evaluates s3:ListBucket with the key as prefix to choose between 404 and 403.
      return status === 404 ? [access, listing(key.join('/'))] : [access];
    }
    case 'sqs':
      return [request(queueActions[operation], `arn:aws:sqs:${place}:${resource}`)];
    case 'secretsmanager':
      return [request(`secretsmanager:${operation}`, resource)];
    case 'events':
      return [request(`events:${operation}`, `arn:aws:events:${place}:event-bus/${resource}`)];
    default:
      return [request(undefined, resource)];
  }
}

/**
 * What a service does with the customer's key on behalf of the user of an encrypted resource.
 * Queues: docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html;
 * objects: docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html;
 * secrets: docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html.
 */
const keyActions: Readonly<Record<string, readonly string[]>> = {
  's3:GetObject': ['kms:Decrypt'],
  's3:PutObject': ['kms:GenerateDataKey'],
  'sqs:SendMessage': ['kms:GenerateDataKey', 'kms:Decrypt'],
  'sqs:ReceiveMessage': ['kms:Decrypt'],
  'secretsmanager:GetSecretValue': ['kms:Decrypt'],
  'secretsmanager:PutSecretValue': ['kms:GenerateDataKey', 'kms:Decrypt'],
};

/**
 * The KMS requests that a request for an encrypted resource causes.
 * @param keys KMS key by the ARN of each bucket, queue and secret that has one
 */
export function keyRequestsOf(request: AccessRequest, keys: ReadonlyMap<string, string>): AccessRequest[] {
  const encrypted = request.resource.startsWith('arn:aws:s3:::') ? request.resource.split('/')[0] : request.resource;
  const key = keys.get(encrypted ?? '');
  if (key === undefined) return [];
  return (keyActions[request.action] ?? []).map((action) => ({ ...request, action, resource: key }));
}
