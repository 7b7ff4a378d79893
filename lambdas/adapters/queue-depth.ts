import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import type { QueueDepth } from '../core/ports.ts';

const counts = z.object({ ApproximateNumberOfMessages: z.coerce.number().int() });

export function createQueueDepth(queueUrl: string, client: SQSClient = new SQSClient()): QueueDepth {
  return {
    async waiting() {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
      );
      return counts.parse(Attributes).ApproximateNumberOfMessages;
    },
  };
}
