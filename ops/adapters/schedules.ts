import { GetScheduleCommand, SchedulerClient, UpdateScheduleCommand } from '@aws-sdk/client-scheduler';

export async function isScheduleOn(name: string): Promise<boolean> {
  const { State } = await new SchedulerClient().send(new GetScheduleCommand({ Name: name }));
  return State === 'ENABLED';
}

/** The service takes a whole schedule: all but the state goes back as it came. */
export async function switchSchedule(name: string, on: boolean): Promise<void> {
  const client = new SchedulerClient();
  const {
    Arn: _,
    CreationDate,
    LastModificationDate,
    $metadata,
    ...schedule
  } = await client.send(new GetScheduleCommand({ Name: name }));
  await client.send(
    new UpdateScheduleCommand({
      ...schedule,
      Name: name,
      ScheduleExpression: schedule.ScheduleExpression,
      Target: schedule.Target,
      FlexibleTimeWindow: schedule.FlexibleTimeWindow,
      State: on ? 'ENABLED' : 'DISABLED',
    }),
  );
}
