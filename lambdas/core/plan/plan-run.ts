import { abortedKey, pipelineStateKey, planKey } from '../../contract/object-keys.ts';
import type { PlanRequest } from '../../contract/messages.ts';
import { type Failure, type Plan, plan as planSchema } from '../../contract/run.ts';
import { pipelineState } from '../../contract/pipeline-state.ts';
import type { Stream } from '../../contract/stream.ts';
import { dispatchRun, type DispatchPorts } from '../runs/dispatch-run.ts';
import { failureOf, PipelineError } from '../errors.ts';
import { planTasks, rootsDue } from './plan-tasks.ts';
import type { Api, Clock, Deadline, ObjectStore } from '../ports.ts';
import { emptyState } from '../runs/pipeline-state.ts';
import { runIdOf } from '../runs/run-ids.ts';
import type { ReadSettings } from '../runs/selections.ts';
import { readJson, updateJson, writeJson } from '../store/stored-json.ts';

export interface PlanSettings extends ReadSettings {
  /** Enabled streams, parents before children. */
  readonly streams: readonly Stream[];
  readonly runDeadlineHours: number;
  readonly publishCheckSeconds: number;
}

export interface PlanPorts extends DispatchPorts {
  readonly api: Api;
  readonly clock: Clock;
}

const hour = 3_600_000;
/**
 * A run that has claimed streams counts as dead this long after its deadline, or this long after its start if it still
 * has no plan: the event that starts it is retried for less time than this.
 */
const orphanHours = 6;

/**
 * Plans the run that is scheduled for a time and sends its first messages. A second delivery of the same request finds
 * the plan and sends only messages that may not have been sent.
 *
 * @returns the run, or undefined if every stream has an earlier run under way
 * @throws PipelineError if the API cannot be reached
 */
export async function planRun(
  request: PlanRequest,
  settings: PlanSettings,
  ports: PlanPorts,
  deadline: Deadline,
): Promise<Plan | undefined> {
  const runId = runIdOf(request.kind, new Date(request.scheduledAt));
  const existing = await readJson(ports.store, planKey(runId), planSchema);
  const plan = existing?.value ?? (await makePlan(runId, request, settings, ports, deadline));
  if (plan) await dispatchRun(plan, settings.publishCheckSeconds, ports);
  return plan;
}

async function makePlan(
  runId: string,
  request: PlanRequest,
  settings: PlanSettings,
  ports: PlanPorts,
  deadline: Deadline,
): Promise<Plan | undefined> {
  const { store, clock, log } = ports;
  const now = clock.now();
  const ends = new Date(now.getTime() + settings.runDeadlineHours * hour);
  const orphans = await orphanedRuns(store, now);
  let due: Stream[] = [];
  const state = await updateJson(store, pipelineStateKey, pipelineState, emptyState, (current) => {
    const underWay = Object.fromEntries(Object.entries(current.underWay).filter(([id]) => !orphans.has(id)));
    due = request.kind === 'nightly' ? rootsDue(settings.streams, underWay, runId) : [...settings.streams];
    if (request.kind !== 'nightly' || due.length === 0) return undefined;
    const streams = due.map(({ name }) => name);
    return {
      ...current,
      underWay: { ...underWay, [runId]: { startedAt: now.toISOString(), deadline: ends.toISOString(), streams } },
    };
  });
  if (due.length === 0) {
    log.warn('Nothing is planned: an earlier run of every stream is still under way.', {
      underWay: Object.keys(state.underWay),
    });
    return undefined;
  }

  const refusal = await refusalOfKey(ports, deadline);
  if (refusal) await writeJson(store, abortedKey(runId), refusal, { ifAbsent: true });
  const plan: Plan = {
    runId,
    kind: request.kind,
    startedAt: now.toISOString(),
    deadline: ends.toISOString(),
    streams: due.map(({ name }) => name),
    tasks: refusal ? [] : planTasks({ request, streams: due, state, now, settings }),
    fullRefresh: request.fullRefresh,
  };
  if (await writeJson(store, planKey(runId), plan, { ifAbsent: true })) return plan;
  // Another delivery of the same request wrote the plan first; use that one.
  return (await readJson(store, planKey(runId), planSchema))?.value;
}

/** Runs that claimed streams and can no longer end by themselves. */
async function orphanedRuns(store: ObjectStore, now: Date): Promise<Set<string>> {
  const state = await readJson(store, pipelineStateKey, pipelineState);
  const orphans = new Set<string>();
  for (const [id, run] of Object.entries(state?.value.underWay ?? {})) {
    const age = now.getTime() - Date.parse(run.startedAt);
    const late = now.getTime() > Date.parse(run.deadline) + orphanHours * hour;
    if (late || (age > orphanHours * hour && !(await store.head(planKey(id))))) orphans.add(id);
  }
  return orphans;
}

/**
 * Asks the API whom the key belongs to. If the key is missing, refused or not even allowed to ask this, the run ends
 * here, before any task is sent.
 * @returns why the key was refused; undefined if it was accepted
 * @throws PipelineError that is transient: the request for the run is retried
 */
async function refusalOfKey({ api, log }: PlanPorts, deadline: Deadline): Promise<Failure | undefined> {
  try {
    await api.get('/me', {}, { stream: 'identity', scope: 'me.read', deadline });
    return undefined;
  } catch (error) {
    if (error instanceof PipelineError && error.disposition === 'transient') throw error;
    const failure = failureOf(error);
    log.error('The API did not accept the key; the run fails.', { ...failure });
    return failure;
  }
}
