import { z } from 'zod';
import { announcedChangesKey, announcedKey, pipelineStateKey } from '../../contract/object-keys.ts';
import { childReads } from '../../contract/pipeline-tables.ts';
import type { RunReport } from '../../contract/run-report.ts';
import { type PipelineState, pipelineState } from '../../contract/pipeline-state.ts';
import { changeText, isChange, type SchemaChange } from '../../contract/schema-changes.ts';
import { currentTableOf } from '../../contract/stream.ts';
import { followCommit, type MergePorts } from '../current/table-draft.ts';
import { expireTable } from '../iceberg/expire.ts';
import type { Announcer, Metrics } from '../ports.ts';
import { emptyState } from '../runs/pipeline-state.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { countRun } from './run-metrics.ts';
import { type ProblemSettings, runProblems } from './run-problems.ts';
import { tellProblems } from './tell-problems.ts';

export interface AnnounceSettings extends ProblemSettings {
  /** How long older snapshots of a current table can be queried. */
  readonly snapshotDays: number;
}

interface AnnouncePorts extends MergePorts {
  readonly announcer: Announcer;
  readonly metrics: Metrics;
}

/** The marker of a report that was announced. */
const announced = z.object({
  /** True once the old snapshots of the run's tables have been removed. */
  expired: z.literal(true).optional(),
});

const announcedChanges = z.array(z.string());
/** Most changes in one event, which must stay small. The table `schema_changes` has all. */
const maxChangesInEvent = 100;

/**
 * Announces a stored report and then, for a nightly run, expires old snapshots. Each is done once. Expiry comes last
 * because nobody waits for it. If the process dies in between, the next check of the run does the rest.
 * @param options.state of the pipeline after the run. @default it is read
 * @param options.isQuiet true if the run has no problem and none stood lately: then solved ones are not looked for
 * @param options.hasMarker false to store nothing about the announcement: a check that comes later announces the run again
 * @param options.afterwards is called after the run is announced, unless it was announced before; with whether a problem
 * stands
 */
export async function announceRun(
  report: RunReport,
  settings: AnnounceSettings,
  ports: AnnouncePorts,
  {
    state,
    isQuiet = false,
    hasMarker = true,
    afterwards,
  }: {
    readonly state?: PipelineState;
    readonly isQuiet?: boolean;
    readonly hasMarker?: boolean;
    readonly afterwards?: (stands: boolean) => Promise<void>;
  } = {},
): Promise<void> {
  const marker = announcedKey(report.runId, report.status, report.replayedAt);
  const former = await readJson(ports.store, marker, announced);
  if (!former) {
    const ending = { marker, state: state ?? (await readState(ports)), isQuiet };
    const stands = await announceOnce(report, ending, settings, ports);
    if (hasMarker) await writeJson(ports.store, marker, {});
    await afterwards?.(stands);
  }
  if (report.kind !== 'nightly' || former?.value.expired) return;
  await expireSnapshots(report, settings, ports);
  await writeJson(ports.store, marker, { expired: true });
}

/**
 * Expires old snapshots of the tables that this run changed, and of `child_reads`, the ledger of child reads. Expired
 * snapshots can no longer be queried.
 */
async function expireSnapshots(
  report: RunReport,
  { snapshotDays, streamNamed }: AnnounceSettings,
  ports: MergePorts,
): Promise<void> {
  const { store, warehouse, clock, log } = ports;
  const changed = Object.entries(report.tables).filter(
    ([, { rowsChanged, rowsDeleted }]) => rowsChanged + rowsDeleted > 0,
  );
  for (const table of [childReads, ...changed.map(([name]) => currentTableOf(streamNamed(name)))]) {
    const { name } = table;
    const { newest, ...removed } = await expireTable(store, warehouse, name, { snapshotDays, now: clock.now() });
    if (removed.snapshots + removed.objects > 0) log.info('Old snapshots are removed.', { table: name, ...removed });
    // Do this even if nothing expired now: an earlier check may have written this version and died before this line.
    if (newest) await followCommit(table, newest, ports);
  }
}

async function readState({ store }: AnnouncePorts): Promise<PipelineState> {
  return (await readJson(store, pipelineStateKey, pipelineState))?.value ?? emptyState;
}

/** @returns whether a problem stands */
async function announceOnce(
  report: RunReport,
  { marker, state, isQuiet }: { readonly marker: string; readonly state: PipelineState; readonly isQuiet: boolean },
  settings: AnnounceSettings,
  ports: AnnouncePorts,
): Promise<boolean> {
  const { announcer, metrics, log } = ports;
  await announcer.announce('runPublished', eventDetail(report));
  await announceChanges(report, ports);
  const stands = !isQuiet && (await tellProblems(report, runProblems(report, state, settings), marker, ports));
  countRun(report, state, { metrics, log });
  return stands;
}

/** Announces each schema change once. If the run is published again with more changes, only those are announced. */
async function announceChanges(
  { runId, schemaChanges: found = [] }: RunReport,
  { store, announcer }: Pick<AnnouncePorts, 'store' | 'announcer'>,
): Promise<void> {
  const schemaChanges = found.filter(isChange);
  if (schemaChanges.length === 0) return;
  const nameOf = ({ table, field, what }: SchemaChange) => `${table} ${field} ${what}`;
  const told = (await readJson(store, announcedChangesKey(runId), announcedChanges))?.value ?? [];
  const news = schemaChanges.filter((change) => !told.includes(nameOf(change)));
  if (news.length === 0) return;
  const changes = news.slice(0, maxChangesInEvent).map((change) => ({ ...change, text: changeText(change) }));
  await announcer.announce('schemaChanged', { runId, count: news.length, changes });
  await writeJson(store, announcedChangesKey(runId), schemaChanges.map(nameOf));
}

/** The report without error messages, which stay in S3: an event has to be small and may leave the account. */
function eventDetail({
  tables,
  schemaChanges,
  unfitColumns,
  emptyColumns,
  ...run
}: RunReport): Record<string, unknown> {
  return {
    ...run,
    ...(schemaChanges?.some(isChange) ? { schemaChanges: schemaChanges.filter(isChange).length } : {}),
    ...(unfitColumns ? { unfitColumns: unfitColumns.length } : {}),
    ...(emptyColumns ? { emptyColumns: emptyColumns.length } : {}),
    tables: Object.fromEntries(
      Object.entries(tables).map(
        ([name, { status, rowsWritten, rowsChanged, rowsDeleted, rowsHealed, rowsRejected }]) => [
          name,
          { status, rowsWritten, rowsChanged, rowsDeleted, rowsHealed, rowsRejected },
        ],
      ),
    ),
  };
}
