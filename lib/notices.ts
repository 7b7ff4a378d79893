/** Posts what a person has to know to Slack and Teams, and mails how each night ended: docs/notices.md. */

import { CfnOutput, Duration, Names, SecretValue, Stack, type StackProps } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ApiDestination, Authorization, Connection, EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { ApiDestination as ApiDestinationTarget, SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { eventSource, eventTypes } from '../lambdas/contract/events.ts';
import { ConfigError } from './config/config.ts';
import { rolePath } from './config/names.ts';
import { DeadLetterQueue } from './constructs/dead-letter-queue.ts';

/** What `Notices` has to know of a workspace: a `ProspectLake`, or these fields of one that another app deployed. */
export interface NotifiedLake {
  /** Name of the workspace. */
  readonly workspace: string;
  /** Hears of notices that could not be delivered. Its ARN is the output `AlarmTopicArn` of the stack Pipeline. */
  readonly alarmTopic: { readonly topicArn: string };
  /** Its account and region are the default of `env`. */
  readonly pipeline?: { readonly account: string; readonly region: string };
}

/** At least one of `slackSecret`, `teamsSecret` and `nightsTo` has to be given. */
export interface NoticesProps extends StackProps {
  /** The workspace: `lake`, or `{ workspace: 'main', alarmTopic: { topicArn: 'arn:aws:sns:…' } }`. */
  readonly lake: NotifiedLake;
  /** Name of the secret with the address of an incoming webhook of Slack. @default nothing is posted to Slack */
  readonly slackSecret?: string;
  /**
   * Name of the secret with the address of a Teams workflow "When a Teams webhook request is received".
   * @default nothing is posted to Teams
   */
  readonly teamsSecret?: string;
  /**
   * Address that gets a mail after each night. Problems are mailed already, to `alarmEmail` of the configuration.
   * @default no mails
   */
  readonly nightsTo?: string;
  /** Address of docs/runbook.md where your team reads it, for a link in each notice. @default its name as text */
  readonly runbookUrl?: string;
}

/** Fields of the event `Needs Attention`. */
const problem = EventField.fromPath('$.detail.problem');
const message = EventField.fromPath('$.detail.message');

/**
 * A stack that posts the problems of a workspace to Slack and Teams, and mails how each night ended.
 * `new Notices(app, 'ProspectLake-main-Notices', { lake, slackSecret: 'prospect-lake/slack' })`
 * @throws ConfigError
 */
export class Notices extends Stack {
  constructor(scope: Construct, id: string, props: NoticesProps) {
    // An app in JavaScript has no compiler that asks for `lake`.
    if (props?.lake?.alarmTopic?.topicArn === undefined)
      throw new ConfigError([
        `Notices '${id}' has to be given the workspace: write lake: the ProspectLake of your app.`,
      ]);
    const { lake, slackSecret, teamsSecret, nightsTo, runbookUrl, ...stackProps } = props;
    if (slackSecret === undefined && teamsSecret === undefined && nightsTo === undefined)
      throw new ConfigError([`Notices '${id}' tells nobody: give it slackSecret, teamsSecret or nightsTo.`]);
    // The value is not printed: whoever has the address can post.
    for (const [field, secret] of Object.entries({ slackSecret, teamsSecret }))
      if (secret?.includes('://'))
        throw new ConfigError([
          `Notices '${id}': ${field} is the name of a secret that holds the address, such as 'prospect-lake/chat', and not the address itself: docs/notices.md.`,
        ]);
    const { workspace, alarmTopic, pipeline } = lake;
    super(scope, id, {
      ...(pipeline ? { env: { account: pipeline.account, region: pipeline.region } } : {}),
      ...stackProps,
    });
    const undelivered = new DeadLetterQueue(this, 'Undelivered', undefined);
    this.alarm(undelivered, alarmTopic.topicArn);
    if (nightsTo !== undefined) this.mailNights(workspace, nightsTo, undelivered);
    if (slackSecret === undefined && teamsSecret === undefined) return;
    const attention = new Rule(this, 'Attention', {
      eventPattern: {
        source: [eventSource],
        detailType: [eventTypes.needsAttention],
        detail: { workspace: [workspace] },
      },
    });
    const eventRole = new Role(this, 'Posts', {
      path: rolePath(workspace),
      assumedBy: new ServicePrincipal('events.amazonaws.com'),
    });
    // The policies execution.json and boundary.json know these resources by the name of the stack.
    const stack = Names.uniqueResourceName(this, { maxLength: 50, separator: '-', allowedSpecialCharacters: '-' });
    const post = (name: string, secret: string, body: object) => {
      const destination = new ApiDestination(this, name, {
        apiDestinationName: `${stack}-${name}`,
        connection: new Connection(this, `${name}Connection`, {
          connectionName: `${stack}-${name}`,
          // EventBridge requires a header for each connection. This header is not secret; the address is.
          authorization: Authorization.apiKey('x-sent-by', SecretValue.unsafePlainText('prospect-lake')),
        }),
        // The template has only a reference to the secret, which CloudFormation resolves when it deploys.
        endpoint: SecretValue.secretsManager(secret).unsafeUnwrap(),
        rateLimitPerSecond: 1,
      });
      const event = RuleTargetInput.fromObject(body);
      attention.addTarget(new ApiDestinationTarget(destination, { event, eventRole, deadLetterQueue: undelivered }));
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
        source: [eventSource],
        detailType: [eventTypes.runPublished],
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
