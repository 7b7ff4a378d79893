import type { S3Object } from '../fauxqs-stores.ts';

/** The error with which S3 refuses a conditional write. */
export interface UnmetCondition {
  readonly status: 404 | 412 | 501;
  readonly code: string;
  readonly message: string;
}

interface WriteRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Checks the conditions of a write, `If-None-Match: *` and `If-Match: <etag>`, which fauxqs, the S3 emulator, ignores.
 * Undefined if the write may proceed.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function unmetCondition(
  { method, headers }: WriteRequest,
  pathname: string,
  objects: ReadonlyMap<string, ReadonlyMap<string, S3Object>>,
): UnmetCondition | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined;
  const ifNoneMatch = headers['if-none-match'];
  const ifMatch = headers['if-match'];
  if (ifNoneMatch === undefined && ifMatch === undefined) return undefined;

  const [bucket = '', ...rest] = pathname.slice(1).split('/');
  const stored = objects.get(bucket)?.get(decodeURIComponent(rest.join('/')));
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
  return ifMatch === '*' || unquoted(String(ifMatch)) === unquoted(stored.etag) ? undefined : failed;
}

const failed: UnmetCondition = {
  status: 412,
  code: 'PreconditionFailed',
  message: 'At least one of the pre-conditions you specified did not hold',
};

function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}
