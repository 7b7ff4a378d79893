/**
 * The stores inside fauxqs, the library that emulates S3, SQS and SNS, imported by path. The package exports only a
 * server that listens on every address and an app without persistence. package.json pins the version that has these
 * paths.
 */
export { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
export type { S3Object } from '../../node_modules/fauxqs/dist/s3/s3Types.js';
export type { S3PersistenceProvider } from '../../node_modules/fauxqs/dist/s3/s3Persistence.js';
export { SnsStore } from '../../node_modules/fauxqs/dist/sns/snsStore.js';
export { SqsQueue, SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
export type { ReceivedMessage, SqsMessage } from '../../node_modules/fauxqs/dist/sqs/sqsTypes.js';
