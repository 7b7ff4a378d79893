import { versionOf } from '../../lambdas/contract/current-keys.ts';
import { approvalKey, reportKey } from '../../lambdas/contract/object-keys.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import { CrashCloud, type CrashCloudOptions } from './crash-cloud.ts';
import { FixedClock } from './fixed-clock.ts';
import { faultsOf, reportsIn, tableFaults } from './lake-oracle.ts';
import { SimulatedWorkspace } from './workspace-api.ts';

const dayMilliseconds = 86_400_000;

export type CrashCloudTrial = Partial<Omit<CrashCloudOptions, 'clock' | 'api'>>;

export interface Trial extends CrashCloudTrial {
  /** Number of nightly runs, a day apart. The workspace changes before each except the first. @default 2 */
  readonly nights?: number;
  /** Whether {@link deleteRows} runs before the last of these nights. @default false */
  readonly deletions?: boolean;
  /** Whether one more night follows, with no changes before it. @default false */
  readonly quietNight?: boolean;
  /** Number of times that the schedule fires for each scheduled time. @default 1 */
  readonly fires?: number;
  /** Whether a backfill of everything runs at the same time as each nightly run. @default false */
  readonly backfill?: boolean;
  /** Whether events about every lead are refreshed at the same time as each nightly run. @default false */
  readonly refresh?: boolean;
}

export interface TrialResult {
  /** What is wrong after the trial; empty if nothing is. */
  readonly faults: string[];
  readonly steps: number;
}

const streamsOfTrial = ['lead_messages', 'lead_activities', 'campaign_run_events', 'exports', 'identity'];

function begin(options: CrashCloudTrial, leads = 3) {
  const clock = new FixedClock('2026-11-24T02:00:00.000Z');
  const api = new SimulatedWorkspace(leads, clock);
  const cloud = new CrashCloud({ streams: streamsOfTrial, ...options, clock, api });
  return { clock, api, cloud };
}

/** Runs the pipeline for some nights under the given disturbances. */
export async function tryNights(trial: Trial): Promise<TrialResult> {
  const { nights = 2, deletions = false, quietNight = false, fires = 1, backfill = false, refresh, ...options } = trial;
  const { clock, api, cloud } = begin(options);
  const runIds: string[] = [];
  const night = async () => {
    const scheduledAt = clock.now();
    for (const kind of backfill ? (['nightly', 'backfill'] as const) : (['nightly'] as const)) {
      runIds.push(runIdOf(kind, scheduledAt));
      for (let fire = 0; fire < fires; fire += 1)
        cloud.invoke('plan', { scheduledAt: scheduledAt.toISOString(), kind });
    }
    if (refresh)
      cloud.send(
        'refresh',
        api.rows('leads').map(({ id }) => eventAbout(String(id), scheduledAt)),
      );
    await cloud.settle();
    clock.advance(dayMilliseconds);
  };
  for (let number = 1; number <= nights; number += 1) {
    if (number > 1) api.workspace.advance(clock.now());
    if (deletions && number === nights) deleteRows(api);
    await night();
  }
  if (quietNight) await night();
  const faults = await faultsOf(cloud.store, cloud.streams, runIds, (table) => api.rows(table));
  if (cloud.announced.length < runIds.length) faults.push('a run was not announced');
  return finish(cloud, faults);
}

/**
 * For each way to confirm a deletion (by id, by the list of a parent, by the whole list), deletes a row with all below
 * it.
 */
function deleteRows(api: SimulatedWorkspace): void {
  const { workspace } = api;
  const ids = (table: string) => api.rows(table).map(({ id }) => String(id));
  const [lead = '', other = ''] = ids('leads');
  workspace.remove('leads', lead);
  const message = api.rows('lead_messages').find((row) => row['lead_id'] === other);
  if (message) workspace.remove('lead_messages', String(message['id']));
  workspace.update('leads', other, { title: 'Has lost a message' });
  for (const table of ['campaign_runs', 'referrals']) workspace.remove(table, ids(table)[0] ?? '');
}

function eventAbout(id: string, at: Date) {
  const now = at.toISOString();
  const body = JSON.stringify({ lead: { id } });
  return { deliveryId: `${now} ${id}`, event: 'lead.updated', signedAt: now, receivedAt: now, body };
}

/** More nights than any trial needs. */
const mostNights = 30;

/**
 * Leaves so little time that runs end before everything is read: the first within the list, later ones among the
 * children of its rows.
 */
const shortNights = {
  streams: ['lead_messages'],
  pageSize: 1,
  secondsOf: (request: number) => (request < 3 ? 60 : 10),
  runDeadlineSeconds: 130,
  pings: true,
};

/** A first load whose runs reach their deadline several times continues until everything is read. */
export async function tryFirstLoad(trial: CrashCloudTrial): Promise<TrialResult> {
  const { clock, api, cloud } = begin({ ...shortNights, ...trial }, 10);
  const reports: RunReport[] = [];
  while (reports.length < mostNights && reports.at(-1)?.status !== 'complete') {
    reports.push(await runOf(cloud, clock.now()));
    clock.advance(dayMilliseconds);
  }
  const faults = reports.length < 3 || reports.length === mostNights ? [`it took ${reports.length} nights`] : [];
  for (const stream of cloud.streams) faults.push(...(await tableFaults(cloud.store, stream, api.rows(stream.name))));
  return finish(cloud, faults);
}

async function runOf(cloud: CrashCloud, scheduledAt: Date): Promise<RunReport> {
  cloud.invoke('plan', { scheduledAt: scheduledAt.toISOString() });
  await cloud.settle();
  return runReport.parse(cloud.store.json(reportKey(runIdOf('nightly', scheduledAt))));
}

/** A list is suddenly empty; nothing is deleted until a person approves the deletion. */
export async function tryApproval(trial: CrashCloudTrial): Promise<TrialResult> {
  const { clock, api, cloud } = begin({ streams: ['referrals', 'exports'], ...trial });
  await runOf(cloud, clock.now());
  clock.advance(dayMilliseconds);
  const before = api.rows('referrals');
  for (const { id } of before) api.workspace.remove('referrals', String(id));
  const held = await runOf(cloud, clock.now());
  const faults: string[] = [];
  if (held.tables['referrals']?.error?.code !== 'deletions_held') faults.push('nothing was held');
  const [referrals] = cloud.streams.filter(({ name }) => name === 'referrals');
  if (referrals) faults.push(...(await tableFaults(cloud.store, referrals, before)));
  await cloud.store.put(approvalKey(held.runId), '{}');
  cloud.send('publish', [{ runId: held.runId, check: 0, ping: true }]);
  await cloud.settle();
  const reports = new Map(reportsIn(cloud.store).map((report) => [report.runId, report]));
  if (reports.get(held.runId)?.status !== 'complete') faults.push('the approved run is not complete');
  for (const stream of cloud.streams) faults.push(...(await tableFaults(cloud.store, stream, api.rows(stream.name))));
  return finish(cloud, faults);
}

function finish(cloud: CrashCloud, faults: readonly string[]): TrialResult {
  return { faults: [...faults, ...cloud.errors, ...pointerFaults(cloud)], steps: cloud.steps };
}

/** Faults in the catalog, which must name the newest version of each table. */
function pointerFaults({ catalog, store }: CrashCloud): string[] {
  const newest = new Map<string, number>();
  for (const key of store.keys('current/')) {
    const [, table = ''] = key.split('/');
    newest.set(table, Math.max(newest.get(table) ?? 0, versionOf(key) ?? 0));
  }
  return [...newest].flatMap(([table, version]) =>
    versionOf(catalog.pointers.get(table)?.metadataUri ?? '') === version
      ? []
      : [`${table}: the catalog names another version`],
  );
}
