import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { EventBus } from '../eventbridge/events.ts';
import { sqsActions } from '../fauxqs-stores.ts';
import type { ObjectFiles } from '../s3/object-files.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import { unmetCondition } from '../s3/conditional-writes.ts';
import type { Secrets } from '../secrets-manager/secrets.ts';
import { ServiceError } from '../service-error.ts';
import type { LocalQueues } from '../sqs/queues.ts';
import type { DirectAnswer, DirectCall, DirectError, DirectService } from './messages.ts';

export interface DirectServices {
  readonly queues: LocalQueues;
  readonly objects: ObjectStore;
  readonly files: ObjectFiles;
  readonly secrets: Secrets;
  readonly events: EventBus;
}

/** Answers the calls of functions that run in a thread of this process, as the server answers those that come by HTTP. */
export type AnswerDirectly = (call: DirectCall) => DirectAnswer;

const ofObject = z.object({ Bucket: z.string(), Key: z.string() });
const putRequest = ofObject.extend({
  Body: z.union([z.string(), z.instanceof(Uint8Array)]),
  IfNoneMatch: z.string().optional(),
  IfMatch: z.string().optional(),
  Metadata: z.record(z.string(), z.string()).optional(),
  ContentType: z.string().optional(),
});
const listRequest = z.object({
  Bucket: z.string(),
  Prefix: z.string().optional(),
  ContinuationToken: z.string().optional(),
});
const queueRequest = z.record(z.string(), z.unknown());
/** Errors of fauxqs, the emulator of S3 and SQS. */
const emulatorError = z.object({ code: z.string(), message: z.string(), statusCode: z.number() });

export function directCalls({ queues, objects, files, secrets, events }: DirectServices): AnswerDirectly {
  const services: Record<DirectService, (operation: string, input: unknown) => unknown> = {
    s3: (operation, input) => s3Output(objects, files, operation, input),
    sqs: (operation, input) => {
      const action = sqsActions[operation];
      if (!action) throw unknown(operation, 'SQS');
      return action(queueRequest.parse(input), queues);
    },
    secretsmanager: (operation, input) => secrets.handle(operation, input),
    events: (operation, input) => events.handle(operation, input),
  };
  return ({ call, service, operation, input }) => {
    try {
      return { type: 'answer', call, output: services[service](operation, input) };
    } catch (error) {
      return { type: 'answer', call, error: describe(error) };
    }
  };
}

function s3Output(objects: ObjectStore, files: ObjectFiles, operation: string, input: unknown): unknown {
  switch (operation) {
    case 'GetObject': {
      const { Bucket, Key } = ofObject.parse(input);
      const { body, etag, metadata, checksumValue } = objects.getObject(Bucket, Key);
      // A file that was changed by another hand, but not its size, still has the checksum of what was put.
      if (checksumValue !== undefined && checksumValue !== checksumOf(body))
        throw new Error('Checksum mismatch: the object is not what was put.');
      return { Body: body, ETag: etag, Metadata: metadata };
    }
    case 'HeadObject': {
      const { Bucket, Key } = ofObject.parse(input);
      const { etag, metadata } = objects.headObject(Bucket, Key);
      return { ETag: etag, Metadata: metadata };
    }
    case 'PutObject':
      return put(objects, files, putRequest.parse(input));
    case 'DeleteObject': {
      const { Bucket, Key } = ofObject.parse(input);
      objects.deleteObject(Bucket, Key);
      return {};
    }
    case 'ListObjectsV2':
      return list(objects, listRequest.parse(input));
    default:
      throw unknown(operation, 'S3');
  }
}

function put(objects: ObjectStore, files: ObjectFiles, request: z.infer<typeof putRequest>): unknown {
  const { Bucket, Key, Body, Metadata, ContentType } = request;
  const conditions = { ifNoneMatch: request.IfNoneMatch, ifMatch: request.IfMatch };
  const unmet = unmetCondition(conditions, files.objects.get(Bucket)?.get(Key));
  if (unmet) throw Object.assign(new Error(unmet.message), { code: unmet.code, statusCode: unmet.status });
  const bytes = typeof Body === 'string' ? Buffer.from(Body) : Buffer.from(Body.buffer, Body.byteOffset, Body.length);
  const checksum = { algorithm: 'CRC32', value: checksumOf(bytes), type: 'FULL_OBJECT' } as const;
  return { ETag: objects.putObject(Bucket, Key, bytes, ContentType, Metadata, undefined, checksum).etag };
}

/** As the AWS SDK computes it by default, so that an object put directly is also checked when read over HTTP. */
function checksumOf(bytes: Uint8Array): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString('base64');
}

function list(
  objects: ObjectStore,
  { Bucket, Prefix = '', ContinuationToken = '' }: z.infer<typeof listRequest>,
): unknown {
  const page = objects.listObjects(Bucket, { prefix: Prefix, startAfter: ContinuationToken });
  return {
    Contents: page.objects.map(({ key, etag, contentLength }) => ({ Key: key, ETag: etag, Size: contentLength })),
    IsTruncated: page.isTruncated,
    NextContinuationToken: page.isTruncated ? page.objects.at(-1)?.key : undefined,
  };
}

function describe(error: unknown): DirectError {
  if (error instanceof ServiceError) return { name: error.code, message: error.message, status: 400 };
  if (error instanceof z.ZodError) return { name: 'ValidationException', message: error.message, status: 400 };
  const known = emulatorError.safeParse(error);
  if (known.success) return { name: known.data.code, message: known.data.message, status: known.data.statusCode };
  return { name: 'InternalError', message: error instanceof Error ? error.message : String(error), status: 500 };
}

const unknown = (operation: string, service: string) =>
  new ServiceError('UnknownOperationException', `The embedded cloud does not know ${operation} of ${service}.`);
