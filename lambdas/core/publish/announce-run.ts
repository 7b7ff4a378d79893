import { announcedKey, pipelineStateKey } from '../../contract/object-keys.ts';
import { childReads } from '../../contract/pipeline-tables.ts';
import { pipelineState, type RunReport } from '../../contract/run.ts';
import { currentTableOf } from '../../contract/stream.ts';
import { followCommit, type MergePorts } from '../current/table-draft.ts';
import { expireTable } from '../iceberg/expire.ts';
import { loadTable } from '../iceberg/table.ts';
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

/**
 * Announces a stored report once, then expires old snapshots if the run is nightly. Expiry comes last because nobody
 * waits for it. If the process dies before it, the next nightly run expires them.
 */
export async function announceRun(report: RunReport, settings: AnnounceSettings, ports: AnnouncePorts): Promise<void> {
  const isFirst = await announceOnce(report, settings, ports);
  if (isFirst && report.kind === 'nightly') await expireSnapshots(report, settings, ports);
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
    const removed = await expireTable(store, warehouse, name, { snapshotDays, now: clock.now() });
    if (removed.snapshots + removed.objects > 0) log.info('Old snapshots are removed.', { table: name, ...removed });
    // Without an expired snapshot there is no new version, and the catalog has the one that the merge wrote.
    const live = removed.snapshots > 0 ? await loadTable(store, warehouse, name) : undefined;
    if (live) await followCommit(table, live, ports);
  }
}

/** @returns false if the report had been announced before */
async function announceOnce(report: RunReport, settings: AnnounceSettings, ports: AnnouncePorts): Promise<boolean> {
  const { store, announcer, metrics, log } = ports;
  const marker = announcedKey(report.runId, report.status, report.replayedAt);
  if (await store.head(marker)) return false;
  await announcer.announce('runPublished', eventDetail(report));
  const state = (await readJson(store, pipelineStateKey, pipelineState))?.value ?? emptyState;
  await tellProblems(report, runProblems(report, state, settings), marker, ports);
  countRun(report, state, { metrics, log });
  await writeJson(store, marker, {});
  return true;
}

/** The report without error messages, which stay in S3: an event has to be small and may leave the account. */
function eventDetail({ tables, ...run }: RunReport): Record<string, unknown> {
  return {
    ...run,
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
