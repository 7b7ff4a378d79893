import { z } from 'zod';
import { hasToken } from './cdk-token.ts';

const topicArn = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/;

export const alarmTopicArn = z
  .string('has to be the ARN of an SNS topic as text: topic.topicArn of a Topic of the CDK')
  .refine(
    (arn) => topicArn.test(arn) || hasToken(arn),
    "has to be the ARN of an SNS topic that is not FIFO, such as 'arn:aws:sns:eu-central-1:111122223333:on-call'",
  )
  .describe(
    'A topic of yours that gets the alarms and what a person must do. Its policy has to let CloudWatch and EventBridge publish, which a `Topic` of your CDK app is given: [notices.md](notices.md#a-topic-of-yours). Without it, the stack makes a topic.',
  );
