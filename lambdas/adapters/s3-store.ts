import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { ObjectStore, PutOptions, StoredObject } from '../core/ports.ts';

/** Most attempts at a conditional write: S3 answers 409 if two of them collide, and expects the loser to try again. */
const maxConflicts = 8;
/** The pipeline makes no listing of more pages than this (a thousand keys each). */
const maxListPages = 10_000;

/** The objects of one bucket. A missing object or an unmet condition is a result; other errors are the SDK's own. */
export function createS3Store(bucket: string, client: S3Client = new S3Client({ cacheMiddleware: true })): ObjectStore {
  return {
    async get(key): Promise<StoredObject | undefined> {
      try {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const body = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        return { body, etag: answer.ETag ?? '', metadata: answer.Metadata ?? {} };
      } catch (error) {
        return absentOrThrow(error);
      }
    },

    async head(key) {
      try {
        const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        return { etag: answer.ETag ?? '', metadata: answer.Metadata ?? {} };
      } catch (error) {
        return absentOrThrow(error);
      }
    },

    async put(key, body, options = {}) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await client.send(putCommand(bucket, key, body, options));
          return true;
        } catch (error) {
          if (isUnmet(error, options)) return false;
          if (!(error instanceof S3ServiceException) || statusOf(error) !== 409 || attempt >= maxConflicts) throw error;
        }
      }
    },

    async delete(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },

    async *list(prefix) {
      let token: string | undefined;
      for (let page = 0; page < maxListPages; page += 1) {
        const answer = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token ? { ContinuationToken: token } : {}) }),
        );
        for (const { Key, ETag, Size } of answer.Contents ?? []) {
          if (Key !== undefined) yield { key: Key, etag: ETag ?? '', size: Size ?? 0 };
        }
        token = answer.IsTruncated ? answer.NextContinuationToken : undefined;
        if (token === undefined) return;
      }
      throw new Error(`The listing of ${prefix} has more than ${maxListPages} pages.`);
    },
  };
}

function putCommand(bucket: string, key: string, body: Uint8Array | string, options: PutOptions): PutObjectCommand {
  return new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: body,
    ...(options.ifAbsent ? { IfNoneMatch: '*' } : {}),
    ...(options.ifMatch === undefined ? {} : { IfMatch: options.ifMatch }),
    ...(options.metadata ? { Metadata: { ...options.metadata } } : {}),
    ...(options.contentType ? { ContentType: options.contentType } : {}),
  });
}

function absentOrThrow(error: unknown): undefined {
  if (statusOf(error) === 404) return undefined;
  throw error;
}

/**
 * True if a condition of the write was not met: 412, or 404 with `ifMatch`, which means that there is no object to
 * match.
 */
function isUnmet(error: unknown, options: PutOptions): boolean {
  const status = statusOf(error);
  return status === 412 || (status === 404 && options.ifMatch !== undefined);
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
