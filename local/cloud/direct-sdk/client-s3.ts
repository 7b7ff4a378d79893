import { clientOf, commandOf, DirectException } from './client.ts';

export class S3ServiceException extends DirectException {}

export const DeleteObjectCommand = commandOf('DeleteObject');
export const HeadObjectCommand = commandOf('HeadObject');
export const ListObjectsV2Command = commandOf('ListObjectsV2');
export const PutObjectCommand = commandOf('PutObject');
export const GetObjectCommand = commandOf('GetObject');

const Client = clientOf('s3', (error) => new S3ServiceException(error));

export class S3Client extends Client {
  override async send(command: Parameters<InstanceType<typeof Client>['send']>[0]): Promise<unknown> {
    const output = await super.send(command);
    return isObject(output) ? { ...output, Body: bodyOf(output.Body) } : output;
  }
}

function isObject(output: unknown): output is { readonly Body: Uint8Array<ArrayBuffer> } {
  return typeof output === 'object' && output !== null && 'Body' in output && output.Body instanceof Uint8Array;
}

const bodyOf = (bytes: Uint8Array<ArrayBuffer>) => ({
  transformToByteArray: async () => bytes,
  transformToWebStream: () => new Blob([bytes]).stream(),
});
