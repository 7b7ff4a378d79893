import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { rolePath, type ScheduleName, scheduleName } from '../config/names.ts';

/** Permissions that SQS requires for sending to a queue that is encrypted with a customer's key. */
export const sendingKeyActions = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** EventBridge Scheduler replaces this with the planned time of the invocation, which is the same for each retry. */
const scheduledTime = '<aws.scheduler.scheduled-time>';

export interface FunctionScheduleProps {
  readonly workspace: string;
  readonly name: ScheduleName;
  readonly description: string;
  /** The six fields of a cron expression. */
  readonly cron: string;
  readonly timezone: string;
  /** The scheduler may start the function up to this many minutes late. 0: exactly on time. */
  readonly flexibleWindowMinutes: number;
  /** Invoked with `{"scheduledAt": "<ISO time>"}`. */
  readonly target: IFunction;
  /** Receives the ticks (scheduled invocations) that could not be delivered. */
  readonly deadLetters: IQueue;
  /** The customer's KMS key that encrypts `deadLetters`; undefined: SQS's own key. */
  readonly encryptionKey: IKey | undefined;
}

/** Invokes a function on a schedule, with a role that may do nothing else. */
export class FunctionSchedule extends Construct {
  readonly schedule: CfnSchedule;

  constructor(scope: Construct, id: string, props: FunctionScheduleProps) {
    super(scope, id);
    const { target, deadLetters, encryptionKey, flexibleWindowMinutes } = props;
    const stack = Stack.of(this);
    const group = stack.formatArn({ service: 'scheduler', resource: 'schedule-group', resourceName: 'default' });
    const role = new Role(this, 'Role', {
      path: rolePath(props.workspace),
      // Only schedules of this account may make the scheduler assume the role.
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account, 'aws:SourceArn': group } },
      }),
    });
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.functionArn] }));
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }));
    if (encryptionKey)
      role.addToPolicy(new PolicyStatement({ actions: sendingKeyActions, resources: [encryptionKey.keyArn] }));
    this.schedule = new CfnSchedule(this, 'Schedule', {
      name: scheduleName(props.workspace, props.name),
      description: props.description,
      scheduleExpression: `cron(${props.cron})`,
      scheduleExpressionTimezone: props.timezone,
      flexibleTimeWindow:
        flexibleWindowMinutes === 0
          ? { mode: 'OFF' }
          : { mode: 'FLEXIBLE', maximumWindowInMinutes: flexibleWindowMinutes },
      target: {
        arn: target.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ scheduledAt: scheduledTime }),
        retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: Duration.hours(2).toSeconds() },
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    });
    // If the role's policy came later, the first invocation might find a role without permissions.
    this.schedule.node.addDependency(role);
  }
}
