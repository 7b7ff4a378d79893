import { versionOf } from '../../lambdas/contract/current-keys.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import { CrashCloud, type CrashCloudOptions } from './crash-cloud.ts';
import type { Step, Verdict } from './crash-invocation.ts';
import { FixedClock } from './fixed-clock.ts';
import { faultsOf } from './lake-oracle.ts';
import { SimulatedWorkspace } from './workspace-api.ts';

const dayMilliseconds = 86_400_000;

export interface Trial extends Partial<Omit<CrashCloudOptions, 'clock' | 'api'>> {
  /** Nightly runs, a day apart; the workspace changes before each but the first. @default 2 */
  readonly nights?: number;
  /** Whether rows of each kind are deleted before the last of these nights. @default false */
  readonly losses?: boolean;
  /** One more night, before which nothing changes. @default false */
  readonly quietNight?: boolean;
  /** How often the schedule fires for each tick. @default 1 */
  readonly fires?: number;
  /** Whether a backfill of everything goes on beside each nightly run. @default false */
  readonly backfill?: boolean;
}

const streamsOfTrial = ['lead_messages', 'lead_activities', 'campaign_run_events', 'exports', 'identity'];

/** Runs the pipeline for some nights under the given disturbances. @returns what is wrong then, and how many steps it took */
export async function tryNights(trial: Trial): Promise<{ faults: string[]; steps: number }> {
  const { nights = 2, losses = false, quietNight = false, fires = 1, backfill = false, ...options } = trial;
  const clock = new FixedClock('2026-11-24T02:00:00.000Z');
  const api = new SimulatedWorkspace(3, clock);
  const cloud = new CrashCloud({
    streams: streamsOfTrial,
    pageSize: 3,
    deadline: { remainingMilliseconds: () => 300_000 },
    ...options,
    clock,
    api,
  });
  const runIds: string[] = [];
  const night = async () => {
    const scheduledAt = clock.now();
    for (const kind of backfill ? (['nightly', 'backfill'] as const) : (['nightly'] as const)) {
      runIds.push(runIdOf(kind, scheduledAt));
      for (let fire = 0; fire < fires; fire += 1)
        cloud.invoke('plan', { scheduledAt: scheduledAt.toISOString(), kind });
    }
    await cloud.settle();
    clock.advance(dayMilliseconds);
  };
  for (let number = 1; number <= nights; number += 1) {
    if (number > 1) api.workspace.advance(clock.now());
    if (losses && number === nights) loseRows(api);
    await night();
  }
  if (quietNight) await night();
  const faults = await faultsOf(cloud.store, cloud.streams, runIds, (table) => api.rows(table));
  faults.push(...cloud.errors, ...pointerFaults(cloud));
  if (cloud.announced.length < runIds.length) faults.push('a run was not announced');
  return { faults, steps: cloud.steps };
}

/** Rows of which a second question is by id, by the list of their parent, and by the whole list; and all below them. */
function loseRows(api: SimulatedWorkspace): void {
  const { workspace } = api;
  const ids = (table: string) => api.rows(table).map(({ id }) => String(id));
  const [lead = '', other = ''] = ids('leads');
  workspace.remove('leads', lead);
  const message = api.rows('lead_messages').find((row) => row['lead_id'] === other);
  if (message) workspace.remove('lead_messages', String(message['id']));
  workspace.update('leads', other, { title: 'Has lost a message' });
  for (const table of ['campaign_runs', 'referrals']) workspace.remove(table, ids(table)[0] ?? '');
}

/** The catalog must name the newest version of each table. */
function pointerFaults({ catalog, store }: CrashCloud): string[] {
  const newest = new Map<string, number>();
  for (const key of store.keys('current/')) {
    const [, table = ''] = key.split('/');
    newest.set(table, Math.max(newest.get(table) ?? 0, versionOf(key) ?? 0));
  }
  return [...newest].flatMap(([table, version]) =>
    catalog.pointers.get(table)?.version === version ? [] : [`${table}: the catalog names another version`],
  );
}

/** Disturbs one step. */
export function disturb(index: number, verdict: Verdict): (step: Step) => Verdict {
  return (step) => (step.index === index ? verdict : 'go');
}

export interface Matrix {
  readonly steps: number;
  readonly points: number;
  readonly faults: string[];
}

/**
 * Every step of a workload, disturbed in each of the given ways, one at a time.
 * @param isWanted leaves steps out
 */
export async function matrixOf<T extends { readonly onStep?: (step: Step) => Verdict }>(
  attempt: (trial: T) => Promise<{ faults: string[] }>,
  trial: T,
  verdicts: readonly Verdict[],
  isWanted: (step: Step) => boolean = () => true,
): Promise<Matrix> {
  const steps: Step[] = [];
  const note = (step: Step): Verdict => {
    if (isWanted(step)) steps.push(step);
    return 'go';
  };
  const faults = (await attempt({ ...trial, onStep: note })).faults.map((fault) => `undisturbed: ${fault}`);
  let points = 0;
  for (const { index, functionName, operation, resource } of steps) {
    for (const verdict of verdicts) {
      const found = (await attempt({ ...trial, onStep: disturb(index, verdict) })).faults;
      points += 1;
      const at = `${verdict} step ${index} (${functionName} ${operation} ${resource})`;
      faults.push(...found.map((fault) => `${at}: ${fault}`));
    }
  }
  return { steps: steps.length, points, faults };
}

/** Numbers from 0 to below 2^32, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Some of the numbers below `count`, by seed. */
export function sample(count: number, size: number, seed: number): number[] {
  const random = randomOf(seed);
  return Array.from({ length: size }, () => random() % count);
}
