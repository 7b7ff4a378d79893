/**
 * Posts what a person has to know to Slack, to Teams and by mail. Add it to your CDK app, in the account and region of
 * the workspace. docs/notices.md says how.
 */

import { CfnOutput, Duration, SecretValue, Stack, type StackProps } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ApiDestination, Authorization, Connection, EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { ApiDestination as ApiDestinationTarget, SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface NoticesProps extends StackProps {
  /** Name of the workspace. */
  readonly workspace: string;
  /**
   * `lake.alarmTopic.topicArn` in the app of the workspace, otherwise the output `AlarmTopicArn` of its stack Pipeline.
   * Hears of notices that could not be delivered.
   */
  readonly alarmTopicArn: string;
  /** Address of docs/runbook.md where your team reads it, for a link in each notice. @default its name as text */
  readonly runbookUrl?: string;
  /** Secret with the address of an incoming webhook of Slack. */
  readonly slackSecret?: string;
  /** Secret with the address of a Teams workflow "When a Teams webhook request is received". */
  readonly teamsSecret?: string;
  /** Gets a mail after each night. Problems are mailed already, to `alarmEmail` of the configuration. */
  readonly nightsTo?: string;
}

/** Fields of the event `Needs Attention`. */
const problem = EventField.fromPath('$.detail.problem');
const message = EventField.fromPath('$.detail.message');

export class Notices extends Stack {
  constructor(scope: Construct, id: string, props: NoticesProps) {
    super(scope, id, props);
    const { workspace, slackSecret, teamsSecret, nightsTo, runbookUrl } = props;
    const undelivered = new Queue(this, 'Undelivered', { retentionPeriod: Duration.days(14), enforceSSL: true });
    this.alarm(undelivered, props.alarmTopicArn);
    if (nightsTo !== undefined) this.mailNights(workspace, nightsTo, undelivered);
    if (slackSecret === undefined && teamsSecret === undefined) return;
    const attention = new Rule(this, 'Attention', {
      eventPattern: { source: ['prospect-lake'], detailType: ['Needs Attention'], detail: { workspace: [workspace] } },
    });
    const post = (name: string, secret: string, body: object) => {
      const destination = new ApiDestination(this, name, {
        connection: new Connection(this, `${name}Connection`, {
          // EventBridge requires a header for each connection. This header is not secret; the address is.
          authorization: Authorization.apiKey('x-sent-by', SecretValue.unsafePlainText('prospect-lake')),
        }),
        // The template has only a reference to the secret, which CloudFormation resolves when it deploys.
        endpoint: SecretValue.secretsManager(secret).unsafeUnwrap(),
        rateLimitPerSecond: 1,
      });
      const event = RuleTargetInput.fromObject(body);
      attention.addTarget(new ApiDestinationTarget(destination, { event, deadLetterQueue: undelivered }));
    };
    if (slackSecret !== undefined) post('Slack', slackSecret, slackMessage(workspace, runbookUrl));
    if (teamsSecret !== undefined) post('Teams', teamsSecret, teamsMessage(workspace, runbookUrl));
  }

  private alarm(undelivered: Queue, topicArn: string): void {
    const alarm = new Alarm(this, 'NotDelivered', {
      alarmDescription:
        'A notice of Prospect Lake could not be delivered for 24 hours. What to do: docs/notices.md, If a notice does not arrive.',
      metric: undelivered.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: 'Maximum',
      }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(this, 'Alarms', topicArn)));
    new CfnOutput(this, 'UndeliveredQueueUrl', { value: undelivered.queueUrl });
  }

  private mailNights(workspace: string, address: string, deadLetterQueue: Queue): void {
    const topic = new Topic(this, 'Nights', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(address));
    const [runId, status, finishedAt] = ['runId', 'status', 'finishedAt'].map((field) =>
      EventField.fromPath(`$.detail.${field}`),
    );
    const text = `Prospect Lake, workspace ${workspace}: ${runId} is ${status}, at ${finishedAt}.`;
    new Rule(this, 'Night', {
      eventPattern: {
        source: ['prospect-lake'],
        detailType: ['Run Published'],
        detail: { workspace: [workspace], kind: ['nightly'] },
      },
      targets: [new SnsTopic(topic, { message: RuleTargetInput.fromText(text), deadLetterQueue })],
    });
  }
}

// EventBridge escapes the event's message only where it is a JSON value of its own. So the messages to Slack and Teams
// never put it into a longer text. Names of problems and workspaces need no escaping.

function slackMessage(workspace: string, runbookUrl: string | undefined): object {
  const runbook = runbookUrl === undefined ? 'docs/runbook.md' : `<${runbookUrl}|the runbook>`;
  const plain = (text: string) => ({ type: 'plain_text', text });
  return {
    text: message,
    blocks: [
      { type: 'header', text: plain(`Prospect Lake, ${workspace}: ${problem}`) },
      { type: 'section', text: plain(message) },
      { type: 'context', elements: [{ type: 'mrkdwn', text: `What to do: ${runbook}, ${problem}` }] },
    ],
  };
}

function teamsMessage(workspace: string, runbookUrl: string | undefined): object {
  const runbook = runbookUrl === undefined ? 'docs/runbook.md' : `[the runbook](${runbookUrl})`;
  const block = (text: string, more: object = {}) => ({ type: 'TextBlock', text, wrap: true, ...more });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            block(`Prospect Lake, ${workspace}: ${problem}`, { size: 'Large', weight: 'Bolder' }),
            block(message),
            block(`What to do: ${runbook}, ${problem}`, { isSubtle: true }),
          ],
        },
      },
    ],
  };
}
