/**
 * The stores inside fauxqs, the library that emulates S3, SQS and SNS, imported by path. The library itself exports
 * only a server, which listens on every address, and an app, which stores nothing on disk. package.json pins the
 * version that has these paths.
 */

import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as S3Module from '../../node_modules/fauxqs/dist/s3/s3Store.js';
import type * as SnsModule from '../../node_modules/fauxqs/dist/sns/snsStore.js';
import type * as BatchModule from '../../node_modules/fauxqs/dist/sqs/actions/sendMessageBatch.js';
import type * as AttributesModule from '../../node_modules/fauxqs/dist/sqs/actions/getQueueAttributes.js';
import type * as VisibilityModule from '../../node_modules/fauxqs/dist/sqs/actions/changeMessageVisibility.js';
import type * as SqsModule from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';

export type { S3PersistenceProvider } from '../../node_modules/fauxqs/dist/s3/s3Persistence.js';
export type { S3Object } from '../../node_modules/fauxqs/dist/s3/s3Types.js';
export type { ReceivedMessage, SqsMessage } from '../../node_modules/fauxqs/dist/sqs/sqsTypes.js';

// Node resolves the path, because an installed package does not have fauxqs below its own folder.
const fauxqs = dirname(findPackageJSON('fauxqs', import.meta.url) ?? '');
const urlOf = (file: string) => pathToFileURL(join(fauxqs, 'dist', file)).href;

// oxlint-disable typescript/no-unsafe-assignment -- TypeScript cannot type an import whose path is computed
const s3: typeof S3Module = await import(urlOf('s3/s3Store.js'));
const sns: typeof SnsModule = await import(urlOf('sns/snsStore.js'));
const sqs: typeof SqsModule = await import(urlOf('sqs/sqsStore.js'));
const batch: typeof BatchModule = await import(urlOf('sqs/actions/sendMessageBatch.js'));
const attributes: typeof AttributesModule = await import(urlOf('sqs/actions/getQueueAttributes.js'));
const visibility: typeof VisibilityModule = await import(urlOf('sqs/actions/changeMessageVisibility.js'));
// oxlint-enable typescript/no-unsafe-assignment

export const { S3Store } = s3;
export const { SnsStore } = sns;
export const { SqsQueue, SqsStore } = sqs;
export type S3Store = InstanceType<typeof S3Store>;
export type SqsQueue = InstanceType<typeof SqsQueue>;

/** The operations of SQS that functions use, by the SDK's name. Each throws an error with the service's code. */
export const sqsActions: Readonly<
  Record<string, (request: Record<string, unknown>, store: InstanceType<typeof SqsStore>) => unknown>
> = {
  SendMessageBatch: batch.sendMessageBatch,
  GetQueueAttributes: attributes.getQueueAttributes,
  ChangeMessageVisibility: visibility.changeMessageVisibility,
};
