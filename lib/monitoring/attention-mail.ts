import { Annotations } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { eventSource, eventTypes } from '../../lambdas/contract/events.ts';

export interface AttentionMailProps {
  readonly workspace: string;
  readonly topic: ITopic;
  /** Receives notices that could not be delivered; the watcher finds them there. */
  readonly undelivered: IQueue;
}

/** Sends an e-mail for each event by which a function says that a person must act. */
export class AttentionMail extends Construct {
  constructor(scope: Construct, id: string, { workspace, topic, undelivered }: AttentionMailProps) {
    super(scope, id);
    const [problem, message] = ['problem', 'message'].map((field) => EventField.fromPath(`$.detail.${field}`));
    const rule = new Rule(this, 'Rule', {
      ruleName: `prospect-lake-${workspace}-notices`,
      description: `Tells the topic what a person must do about the workspace '${workspace}'.`,
      eventPattern: {
        source: [eventSource],
        detailType: [eventTypes.needsAttention],
        detail: { workspace: [workspace] },
      },
      targets: [
        new SnsTopic(topic, {
          message: RuleTargetInput.fromText(
            `Prospect Lake, workspace ${workspace}: ${problem}. ${message} What to do: docs/runbook.md, ${problem}.`,
          ),
          deadLetterQueue: undelivered,
        }),
      ],
    });
    // The CDK does not know the region of a topic whose ARN is a token. The configuration refuses one of another region.
    Annotations.of(rule).acknowledgeWarning('@aws-cdk/aws-events:ruleUnresolvedEnvironment');
  }
}
