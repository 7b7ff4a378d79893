import { z } from 'zod';
import { switchMapping } from '../adapters/functions.ts';
import { isScheduleOn, switchSchedule } from '../adapters/schedules.ts';
import { changeCommand } from '../command.ts';
import type { Target } from '../target.ts';

export const pause = changeCommand({
  name: 'pause',
  summary: 'Stops the pipeline: no run begins, and none goes on. Messages and webhook events wait in the queues.',
  flags: {},
  input: z.strictObject({}),
  prepare: async (target) => ({
    lines: [
      `Switches off the schedules and queues of workspace ${target.workspace}; work under way ends within minutes.`,
      'Messages wait for 14 days. A run that is paused beyond its deadline ends with what it has. A deployment that changes one of them switches it on again.',
    ],
    act: () => turn(target, false),
  }),
});

export const resume = changeCommand({
  name: 'resume',
  summary: 'Lets a paused pipeline go on where it was.',
  flags: {},
  input: z.strictObject({}),
  prepare: async (target) => ({
    lines: [`Switches on the schedules and queues of workspace ${target.workspace}.`],
    act: () => turn(target, true),
  }),
});

/** Off: first what begins work. On: first what does it. */
async function turn(target: Target, on: boolean) {
  const { Schedules, EventSourceMappings } = target.pipeline;
  const schedules = async () => {
    for (const name of Schedules) if ((await isScheduleOn(name)) !== on) await switchSchedule(name, on);
  };
  if (!on) await schedules();
  for (const id of EventSourceMappings) await switchMapping(id, on);
  if (on) {
    await schedules();
    await target.settle();
  }
  const data = { on, schedules: Schedules.length, queues: EventSourceMappings.length };
  return {
    lines: [`${data.schedules} schedules and ${data.queues} queues are switched ${on ? 'on' : 'off'}.`],
    data,
  };
}
