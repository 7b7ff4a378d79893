import type { S3Object } from '../fauxqs-stores.ts';

/** The error with which S3 refuses a conditional write. */
export interface UnmetCondition {
  readonly status: 404 | 412 | 501;
  readonly code: string;
  readonly message: string;
}

/** The conditions of a write, as its headers give them. */
export interface WriteConditions {
  readonly ifNoneMatch?: string | undefined;
  readonly ifMatch?: string | undefined;
}

/**
 * Checks the conditions of a write, `If-None-Match: *` and `If-Match: <etag>`, which fauxqs, the S3 emulator, ignores.
 * Undefined if the write may proceed.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * @param stored the object that has the key now
 */
export function unmetCondition(
  { ifNoneMatch, ifMatch }: WriteConditions,
  stored: S3Object | undefined,
): UnmetCondition | undefined {
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    return {
      status: 501,
      code: 'NotImplemented',
      message: 'If-None-Match takes * alone, as it does in S3.',
    };
  }
  if (ifNoneMatch === '*' && stored) return failed;
  if (ifMatch === undefined) return undefined;
  if (!stored) return { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' };
  return ifMatch === '*' || unquoted(ifMatch) === unquoted(stored.etag) ? undefined : failed;
}

const failed: UnmetCondition = {
  status: 412,
  code: 'PreconditionFailed',
  message: 'At least one of the pre-conditions you specified did not hold',
};

function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}
