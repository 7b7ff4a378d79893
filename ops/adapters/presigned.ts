import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** A URL with which anyone can read an object for this many seconds. */
export function presignedUrl(bucket: string, key: string, seconds: number): Promise<string> {
  return getSignedUrl(new S3Client(), new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: seconds });
}
