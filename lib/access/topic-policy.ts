import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { refuseElsewhere } from './refuse-elsewhere.ts';

/**
 * Lets CloudWatch and EventBridge publish to the topic with this ARN if the app makes it. The policy of any other topic
 * is its owner's: docs/notices.md.
 * @throws ConfigError if the app makes the topic somewhere else
 */
export function allowAlarms(data: Stack, workspace: string, topicArn: string): void {
  const topic = data.node.root.node.findAll().find((each) => each instanceof Topic && each.topicArn === topicArn);
  if (!(topic instanceof Topic)) return;
  refuseElsewhere(data, `workspace '${workspace}': alarmTopicArn: has to be a topic`, topic);
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: ['cloudwatch', 'events'].map((service) => new ServicePrincipal(`${service}.amazonaws.com`)),
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
    }),
  );
}
