import { createS3Store } from '../adapters/s3-store.ts';
import { readHashKey } from '../adapters/secrets.ts';
import { readEnvironment } from '../contract/environment.ts';
import { convertMessage } from '../contract/messages.ts';
import { convertTask, failConversion, leaveProvisionalConversion } from '../core/convert/convert-task.ts';
import { createColumnMask } from '../core/rows/mask-columns.ts';
import { streamNamed } from '../streams/registry.ts';
import { queueHandler } from './queue-handler.ts';
import { clock, deadlineOf, logger } from './runtime.ts';

const environment = readEnvironment('convert', process.env);
const store = createS3Store(environment.LAKE_BUCKET);
const choice = environment.PERSONAL_DATA;

/** Takes chunks from the convert queue. */
export const handler = queueHandler({
  logger,
  queueUrl: environment.CONVERT_QUEUE_URL,
  schema: convertMessage,
  maxReceiveCount: environment.MAX_RECEIVE_COUNT,
  retryBaseSeconds: environment.RETRY_BASE_SECONDS,
  async process(message) {
    const key = choice.hash.length > 0 ? await readHashKey(environment.HASH_KEY_SECRET_ARN) : undefined;
    const settings = { stream: streamNamed(message.stream), mask: createColumnMask(choice, key) };
    await convertTask(message, settings, { store, clock });
  },
  giveUp: (message, failure) => failConversion(message, failure, { store, clock }),
  beforeLastAttempt: (message, context) =>
    leaveProvisionalConversion(message, { store, clock, deadline: deadlineOf(context) }),
});
