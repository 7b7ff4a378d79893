import { GetQueueAttributesCommand, type QueueAttributeName, SQSClient } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import type { QueueDepth } from '../core/ports.ts';

const counts = z.record(z.string(), z.coerce.number().int());

interface QueueCounts extends QueueDepth {
  /** Number of messages that consumers hold now. Approximate, as well. */
  held(): Promise<number>;
}

export function createQueueDepth(queueUrl: string, client: SQSClient = new SQSClient()): QueueCounts {
  const countOf = async (name: QueueAttributeName) => {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [name] });
    return z.number().parse(counts.parse((await client.send(command)).Attributes)[name]);
  };
  return {
    waiting: () => countOf('ApproximateNumberOfMessages'),
    held: () => countOf('ApproximateNumberOfMessagesNotVisible'),
  };
}
