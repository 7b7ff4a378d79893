import { GetObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { z } from 'zod';
import { ExportFileError } from '../core/errors.ts';
import type { ExportSource } from '../core/ports.ts';

/** The bucket to which the vendor delivers the customer's export files. */
export const exportSourceConfig = z.object({
  bucket: z.string().min(1),
  /** Prepended to the `file_key`. */
  prefix: z.string(),
  /** Role to assume for reading if the bucket belongs to another account. */
  roleArn: z.string().optional(),
});
export type ExportSourceConfig = z.infer<typeof exportSourceConfig>;

/** A `file_key` of the API may only name an object below the prefix. */
const plainKey = /^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[^\p{Cc}]{1,900}$/u;

export function createExportSource({ bucket, prefix, roleArn }: ExportSourceConfig): ExportSource {
  const client = new S3Client(
    roleArn ? { credentials: fromTemporaryCredentials({ params: { RoleArn: roleArn } }) } : {},
  );
  return {
    async open(fileKey) {
      if (!plainKey.test(fileKey) || !fileKey.isWellFormed())
        throw new Error('The file_key of the export is not a plain key, so the file is not read.');
      try {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: `${prefix}${fileKey}` }));
        if (!answer.Body) return undefined;
        return { body: bytesOf(answer.Body.transformToWebStream()), etag: answer.ETag ?? '' };
      } catch (error) {
        const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
        if (status === 404) return undefined;
        if (status === 403)
          throw new ExportFileError(
            `The files in bucket ${bucket} may not be read. Allow ${roleArn ?? 'the role of the function Export'} s3:GetObject on ${prefix}* and s3:ListBucket with that prefix, also in the policy of the bucket, and kms:Decrypt if the bucket has a key.`,
            { cause: error },
          );
        throw error;
      }
    },
  };
}

async function* bytesOf(stream: ReadableStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield z.instanceof(Uint8Array).parse(chunk);
}
