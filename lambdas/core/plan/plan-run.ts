import { abortedKey, pipelineStateKey, planKey, waitingKey } from '../../contract/object-keys.ts';
import type { PlanRequest } from '../../contract/messages.ts';
import { type Failure, type Plan, plan as planSchema, type Waiting } from '../../contract/run.ts';
import { pipelineState } from '../../contract/pipeline-state.ts';
import type { Stream } from '../../contract/stream.ts';
import { customColumnsToRead } from '../runs/custom-columns-read.ts';
import { dispatchRun, type DispatchPorts } from '../runs/dispatch-run.ts';
import { failureOf, PipelineError, RateLimitedError } from '../errors.ts';
import { checkClock } from './check-clock.ts';
import { checkTypes } from './check-types.ts';
import { checkWorkspace, withoutPath, workspaceOf } from './check-workspace.ts';
import { missingScopes } from './missing-scopes.ts';
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
 * A run that has claimed streams counts as dead this long after its deadline. If it has no plan, it counts as dead this
 * long after its start: the event that starts a run is not retried for so long.
 */
const orphanHours = 6;
/** Lambda repeats a failed event after one minute, and again after two more. An attempt later than this is the last. */
const lastAttemptMilliseconds = 2 * 60_000;

/**
 * Plans the run that is scheduled for a time and sends its first messages. A second delivery of the same request finds
 * the plan and sends only messages that may not have been sent.
 *
 * If the API refuses the key, or does not answer at the last attempt, the run has no tasks and fails with the reason.
 *
 * @returns the run, or undefined if every stream has an earlier run under way
 * @throws PipelineError if the API does not answer, and the request will be repeated
 */
export async function planRun(
  request: PlanRequest,
  settings: PlanSettings,
  ports: PlanPorts,
  deadline: Deadline,
): Promise<Plan | undefined> {
  const runId = runIdOf(request.kind, new Date(request.scheduledAt));
  const existing = await readJson(ports.store, planKey(runId), planSchema);
  const made = existing ? { plan: existing.value } : await makePlan(runId, request, settings, ports, deadline);
  if (made) await dispatchRun(made.plan, settings.publishCheckSeconds, ports, { delaySeconds: made.delaySeconds ?? 0 });
  return made?.plan;
}

async function makePlan(
  runId: string,
  request: PlanRequest,
  settings: PlanSettings,
  ports: PlanPorts,
  deadline: Deadline,
): Promise<{ plan: Plan; delaySeconds?: number } | undefined> {
  const { store, clock, log } = ports;
  const now = clock.now();
  let claimedAt = now;
  const ends = new Date(now.getTime() + settings.runDeadlineHours * hour);
  const orphans = await orphanedRuns(store, now);
  let due: Stream[] = [];
  const state = await updateJson(store, pipelineStateKey, pipelineState, emptyState, (current) => {
    const underWay = Object.fromEntries(Object.entries(current.underWay).filter(([id]) => !orphans.has(id)));
    due = request.kind === 'nightly' ? rootsDue(settings.streams, underWay, runId) : [...settings.streams];
    if (request.kind !== 'nightly' || due.length === 0) return undefined;
    const streams = due.map(({ name }) => name);
    // An earlier attempt has claimed the streams: the run began then.
    const { startedAt = now.toISOString() } = underWay[runId] ?? {};
    claimedAt = new Date(startedAt);
    return { ...current, underWay: { ...underWay, [runId]: { startedAt, deadline: ends.toISOString(), streams } } };
  });
  if (due.length === 0) {
    log.warn('Nothing is planned: an earlier run of every stream is still under way.', {
      underWay: Object.keys(state.underWay),
    });
    return undefined;
  }

  const isLastAttempt = request.once || now.getTime() - claimedAt.getTime() > lastAttemptMilliseconds;
  const { refused, wait, workspace, lacking = [] } = await askForKey(due, ports, deadline, isLastAttempt);
  const { fullRefresh } = request;
  const refusal =
    checkClock(state, now) ??
    refused ??
    (await checkWorkspace(workspace, { state, fullRefresh, store })) ??
    (await checkTypes(due, store));
  if (wait) await writeJson(store, waitingKey(runId), wait);
  if (refusal) await writeJson(store, abortedKey(runId), refusal, { ifAbsent: true });
  const plan: Plan = {
    runId,
    kind: request.kind,
    startedAt: now.toISOString(),
    deadline: ends.toISOString(),
    streams: due.map(({ name }) => name),
    ...(request.streams ? { requestedStreams: request.streams } : {}),
    tasks: refusal ? [] : planTasks({ request, streams: due, state, now, settings }),
    fullRefresh,
    planning: { ...ports.api.counts },
    ...(refusal || lacking.length === 0 ? {} : { missingScopes: lacking }),
    ...customColumnsToRead(due),
  };
  const delaySeconds = wait ? Math.ceil((Date.parse(wait.until) - now.getTime()) / 1_000) : 0;
  if (await writeJson(store, planKey(runId), plan, { ifAbsent: true })) return { plan, delaySeconds };
  // Another delivery of the same request wrote the plan first; use that one.
  const other = await readJson(store, planKey(runId), planSchema);
  return other && { plan: other.value };
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
 * Asks the API whom the key belongs to. If the key is missing, refused or not even allowed to ask this, or the API does
 * not answer at the last attempt, the run ends here, before any task is sent.
 * @returns the workspace of the key, if the API names it, and the scopes that the key lacks for the streams; or why the
 * run fails; or the wait that the API asks for: the tasks are sent after it
 * @throws PipelineError that is transient: the request for the run is repeated
 */
async function askForKey(
  streams: readonly Stream[],
  { api, log }: PlanPorts,
  deadline: Deadline,
  isLastAttempt: boolean,
): Promise<{ refused?: Failure; wait?: Waiting; workspace?: string | undefined; lacking?: string[] }> {
  try {
    const answer = await api.get('/me', {}, { stream: '/me', scope: 'me.read', deadline });
    return { workspace: workspaceOf(answer), lacking: missingScopes(answer, streams) };
  } catch (error) {
    if (error instanceof RateLimitedError) {
      const wait = { until: error.until.toISOString(), stream: 'identity', reason: error.message };
      log.warn('The API asks to wait; the run begins later.', { ...wait, requestId: error.requestId });
      return { wait };
    }
    if (error instanceof PipelineError && error.disposition === 'transient' && !isLastAttempt) throw error;
    const failure = withoutPath(failureOf(error));
    log.error('The run fails: the API did not accept the key, or did not answer.', { ...failure });
    return { refused: failure };
  }
}
