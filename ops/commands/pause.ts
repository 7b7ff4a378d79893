import { z } from 'zod';
import { pipelineStateKey } from '../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { isMappingOn, switchMapping } from '../adapters/functions.ts';
import { isScheduleOn, switchSchedule } from '../adapters/schedules.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { changeCommand } from '../command.ts';
import { finishRun, goOn } from '../lake/finish-run.ts';
import type { Target } from '../target.ts';

export const pause = changeCommand({
  ...opsCommandNamed('pause'),
  flags: {},
  input: z.strictObject({}),
  prepare: async (target) => ({
    lines: [
      `Switches off the schedules and queues of workspace ${target.workspace}; work under way ends within minutes.`,
      'Messages wait for 14 days. A run that is paused beyond its deadline ends with what it has. A deployment that changes a schedule or the mapping of a queue switches that one on again.',
    ],
    act: () => turn(target, false),
  }),
});

export const resume = changeCommand({
  ...opsCommandNamed('resume'),
  flags: {},
  input: z.strictObject({}),
  async prepare(target) {
    const state = (await readJson(target.store, pipelineStateKey, pipelineState))?.value ?? emptyState;
    const [runId] = Object.keys(state.underWay);
    const when = target.local?.hasApi === false ? ' with the next start' : '';
    const goesOn = runId === undefined ? '' : ` Run ${runId} goes on${when}.`;
    return {
      lines: [`Switches on the schedules and queues of workspace ${target.workspace}.${goesOn}`],
      async act() {
        const turned = await turn(target, true);
        // A folder whose API is not named here: its functions do not run in this command.
        if (target.local?.hasApi === false)
          return {
            lines: [...turned.lines, ...goOn('What waits in the folder is done by the next start.', target.local)],
            data: { ...turned.data, runId: runId ?? null, report: null },
          };
        if (runId === undefined) {
          await target.settle();
          return { ...turned, data: { ...turned.data, runId: null, report: null } };
        }
        const { lines, ok, ...ended } = await finishRun(runId, target);
        return { lines: [...turned.lines, ...lines], data: { ...turned.data, runId, ...ended }, ok };
      },
    };
  },
});

/** A schedule or an event source mapping, which can be switched on and off. */
interface Switch {
  readonly name: string;
  isOn(): Promise<boolean>;
  turn(on: boolean): Promise<void>;
  /** Checks whether AWS permits the change, without making it. @throws the error that `turn` would throw */
  tryRights(): Promise<void>;
}

function switchesOf({ Schedules, EventSourceMappings }: Target['pipeline']): {
  schedules: Switch[];
  mappings: Switch[];
} {
  return {
    schedules: Schedules.map((name) => ({
      name: `the schedule ${name}`,
      isOn: () => isScheduleOn(name),
      turn: (on) => switchSchedule(name, on),
      tryRights: () => switchSchedule(name),
    })),
    mappings: EventSourceMappings.map((id) => ({
      name: `the event source mapping ${id}`,
      isOn: () => isMappingOn(id),
      turn: (on) => switchMapping(id, on),
      tryRights: () => switchMapping(id),
    })),
  };
}

/**
 * Switches the pipeline off (schedules first, then mappings) or on (mappings first). If one cannot be switched, those
 * before it are switched back, so that the pipeline is never half on.
 */
async function turn(target: Target, on: boolean) {
  const { schedules, mappings } = switchesOf(target.pipeline);
  const all = on ? [...mappings, ...schedules] : [...schedules, ...mappings];
  const others = await changeable(all, on);
  const turned: Switch[] = [];
  for (const one of others) {
    try {
      await one.turn(on);
      turned.push(one);
    } catch (error) {
      throw new UsageError(
        `${one.name} could not be switched ${on ? 'on' : 'off'}: ${wordsOf(error)} ${await putBack(turned, !on)}`,
        1,
      );
    }
  }
  const data = { on, schedules: schedules.length, queues: mappings.length };
  return {
    lines: [`${data.schedules} schedules and ${data.queues} queues are switched ${on ? 'on' : 'off'}.`],
    data,
  };
}

/** The switches that are not yet in the wanted state. @throws UsageError if AWS does not permit to change one */
async function changeable(all: readonly Switch[], on: boolean): Promise<Switch[]> {
  const others: Switch[] = [];
  for (const one of all) {
    try {
      if ((await one.isOn()) === on) continue;
      await one.tryRights();
      others.push(one);
    } catch (error) {
      throw new UsageError(
        `Nothing was changed, because ${one.name} cannot be: ${wordsOf(error)} The rights are those of the policy operate: npx prospect-lake policies.`,
        1,
      );
    }
  }
  return others;
}

async function putBack(turned: readonly Switch[], on: boolean): Promise<string> {
  const left: string[] = [];
  for (const one of turned.toReversed()) await one.turn(on).catch(() => left.push(one.name));
  if (left.length === 0) return 'Everything is as it was before.';
  return `These could not be put back and are ${on ? 'off' : 'on'}: ${left.join(', ')}.`;
}

function wordsOf(error: unknown): string {
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return words.endsWith('.') ? words : `${words}.`;
}
