import { GetScheduleCommand, SchedulerClient, UpdateScheduleCommand } from '@aws-sdk/client-scheduler';

export async function isScheduleOn(name: string): Promise<boolean> {
  const { State } = await new SchedulerClient().send(new GetScheduleCommand({ Name: name }));
  return State === 'ENABLED';
}

/**
 * Switches a schedule on or off. EventBridge Scheduler replaces the whole schedule, so all other fields are sent back
 * unchanged.
 * @param on undefined: the state is unchanged too, but the call fails if AWS does not permit it
 */
export async function switchSchedule(name: string, on?: boolean): Promise<void> {
  const client = new SchedulerClient();
  const stored = await client.send(new GetScheduleCommand({ Name: name }));
  await client.send(
    new UpdateScheduleCommand({
      Name: name,
      GroupName: stored.GroupName,
      ScheduleExpression: stored.ScheduleExpression,
      ScheduleExpressionTimezone: stored.ScheduleExpressionTimezone,
      StartDate: stored.StartDate,
      EndDate: stored.EndDate,
      Description: stored.Description,
      KmsKeyArn: stored.KmsKeyArn,
      Target: stored.Target,
      FlexibleTimeWindow: stored.FlexibleTimeWindow,
      ActionAfterCompletion: stored.ActionAfterCompletion,
      State: on === undefined ? stored.State : on ? 'ENABLED' : 'DISABLED',
    }),
  );
}
