import { z } from 'zod';
import type { Call, CallDescription } from './call-hook-runner.ts';

interface CallRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

const services: Readonly<Record<string, Call['service']>> = {
  AmazonSQS: 'sqs',
  secretsmanager: 'secretsmanager',
  AWSEvents: 'events',
};
const jsonTargets = z
  .object({
    QueueUrl: z.string().optional(),
    SecretId: z.string().optional(),
    Entries: z.array(z.object({ EventBusName: z.string().optional() })).optional(),
  })
  .catch({});
const formTargets = z.object({ Action: z.string().optional(), TopicArn: z.string().optional() }).catch({});

/** Reads the service, operation and resource from a request. */
export function describeCall({ method, url, headers, body }: CallRequest): CallDescription {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [service = '', operation = ''] = target.split('.');
    const { QueueUrl, SecretId, Entries } = jsonTargets.parse(parsedBody(body));
    return {
      service: services[service] ?? 'other',
      operation,
      resource: QueueUrl?.split('/').at(-1) ?? SecretId ?? Entries?.[0]?.EventBusName ?? '',
    };
  }
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (pathname === '/' && method === 'POST') {
    const { Action = '', TopicArn = '' } = formTargets.parse(body);
    return { service: Action === 'GetCallerIdentity' ? 'other' : 'sns', operation: Action, resource: TopicArn };
  }
  const resource = decodeURIComponent(pathname.slice(1));
  const prefix = searchParams.get('prefix');
  return {
    service: 's3',
    operation: s3Operation(method, resource.replace(/^[^/]+\/?/, '') !== ''),
    resource,
    ...(prefix === null ? {} : { prefix }),
  };
}

/** The access key id with which a request is signed. Each function's process signs with its own id. */
export function accessKeyOf(headers: CallRequest['headers']): string | undefined {
  const authorization = headers.authorization;
  return typeof authorization === 'string' ? /Credential=([^/,\s]+)\//.exec(authorization)?.[1] : undefined;
}

function s3Operation(method: string, hasKey: boolean): string {
  const ofObject: Readonly<Record<string, string>> = {
    GET: 'GetObject',
    HEAD: 'HeadObject',
    PUT: 'PutObject',
    DELETE: 'DeleteObject',
  };
  const ofBucket: Readonly<Record<string, string>> = { GET: 'ListObjectsV2', POST: 'DeleteObjects' };
  return (hasKey ? ofObject : ofBucket)[method] ?? method;
}

/** Parses a JSON body, which arrives parsed or as bytes, depending on its content type. */
function parsedBody(body: unknown): unknown {
  if (!Buffer.isBuffer(body)) return body;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
