import { entriesAdded, nothingChosen } from '../../contract/personal-data.ts';
import type { PipelineState } from '../../contract/pipeline-state.ts';
import { reportKey } from '../../contract/object-keys.ts';
import { type RunReport, runReport } from '../../contract/run-report.ts';
import type { Stream } from '../../contract/stream.ts';
import { writePage } from '../page/write-page.ts';
import type { ObjectStore } from '../ports.ts';
import { sumOf } from '../runs/sent-requests.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { announceRun } from './announce-run.ts';
import { fillingIn } from '../runs/custom-columns-read.ts';
import { formerColumns } from '../runs/written-columns.ts';
import { confirmSuspects } from './confirm-suspects.ts';
import type { DamagedTables } from './damaged-tables.ts';
import { findSchemaChanges } from './find-schema-changes.ts';
import type { Progress } from './merge-run.ts';
import { moveState } from './move-state.ts';
import { pageEntry } from './page-entry.ts';
import type { PublishPorts, PublishSettings } from './publish-work.ts';
import type { RunEvidence } from './read-evidence.ts';
import { releaseForgotten } from './release-forgotten.ts';
import { reportOf } from './run-report.ts';
import { runFiles } from './run-table.ts';
import { basisOf, type RunTree } from './run-tree.ts';
import { solvedSince } from './solved-since.ts';

interface Ending {
  readonly evidence: RunEvidence;
  readonly tree: RunTree;
  readonly streams: readonly Stream[];
  readonly progress: Progress;
  readonly damaged: DamagedTables;
  readonly unread: ReadonlySet<string>;
  readonly published: { readonly value: RunReport; readonly etag: string } | undefined;
}

/**
 * Publishes a run that is over, in the order that publishRun gives.
 * @returns the report; undefined if another check published the run first. Then check the run again.
 */
export async function endRun(
  { evidence, tree, streams, progress, damaged, unread, published }: Ending,
  settings: PublishSettings,
  ports: PublishPorts,
): Promise<RunReport | undefined> {
  const { store, clock, log } = ports;
  const { plan } = evidence;
  const merged = new Map(Object.entries(progress.tables).map(([name, { result }]) => [name, result]));
  const assessed = reportOf({ evidence, tree, streams, merged, damaged: damaged.failures, unread, now: clock.now() });
  const sound = streams.filter(({ name }) => !damaged.has(name));
  const confirmRunId = await confirmSuspects(plan, progress, sound, settings, ports);
  const rowsOf = (table: string) => merged.get(table)?.rows;
  const found = await findSchemaChanges({ plan, streams, tree, report: assessed, rowsOf }, store);
  const { changes, unfit, empty, childrenRead } = found;
  const forgotten = await releaseForgotten(tree, progress, settings, ports);
  const solved = solvedSince(published?.value, assessed, streams, clock.now());
  const { limited } = sumOf([plan.planning, ...tree.tasks.map(({ receipt }) => receipt)].flatMap((sent) => sent ?? []));
  const read: RunReport = {
    ...assessed,
    // The run ended then. What was sent again or approved later does not make it a longer run.
    finishedAt: published?.value.finishedAt ?? assessed.finishedAt,
    basis: basisOf(evidence, tree),
    ...(solved.length === 0 ? {} : { solved }),
    ...(limited ? { limited: { ...limited, requestsPerMinute: settings.page?.requestsPerMinute } } : {}),
    ...(evidence.approved ? { approved: true } : {}),
    ...(confirmRunId === undefined ? {} : { confirmRunId }),
    ...(forgotten ? { forgotten } : {}),
    ...(changes.length === 0 ? {} : { schemaChanges: changes }),
    ...(unfit.length === 0 ? {} : { unfitColumns: unfit }),
    ...(empty.length === 0 ? {} : { emptyColumns: empty }),
  };
  for (const { key, body } of runFiles(read)) await store.put(key, body);
  const quiet = ports.quietHour?.stateFor(read, settings);
  const state = quiet ?? (await moveState(plan, read, { ...tree, childrenRead }, settings, ports));
  const unapplied = plan.kind === 'nightly' ? unappliedPersonalData(state, settings) : [];
  const filling = plan.kind === 'nightly' ? fillingIn(state, settings.childRereadDays) : [];
  const former = plan.kind === 'nightly' ? formerColumns(state.writtenColumns ?? {}, settings.personalData) : [];
  const report: RunReport = {
    ...read,
    ...(filling.length === 0 ? {} : { fillingColumns: filling }),
    ...(unapplied.length === 0 ? {} : { unappliedPersonalData: unapplied }),
    ...(former.length === 0 ? {} : { formerColumns: former }),
  };
  const condition = published ? { ifMatch: published.etag } : { ifAbsent: true };
  if (!(await writeJson(store, reportKey(plan.runId), report, condition))) {
    log.info('Another check published the run first; the run is checked again.', { runId: plan.runId });
    // This check has written rows of its own report. Replace them by those of the stored report now: after a ping, no
    // later check would do it.
    const winner = await readJson(store, reportKey(plan.runId), runReport);
    if (winner) await restoreTables(winner.value, store);
    return undefined;
  }
  const { page } = settings;
  await announceRun(report, settings, ports, {
    state,
    isQuiet: quiet !== undefined,
    // Only a second delivery of the same events can lead to another check of a small run that is complete.
    hasMarker: !ports.storeWhole || report.status !== 'complete',
    afterwards: async (stands) => {
      if (quiet) return;
      if (page)
        await writePage(pageEntry(report, state, { tree, progress }, settings), page, { deadLetters: {}, ...ports });
      if (stands) ports.quietHour?.end();
      else ports.quietHour?.begin(report, state);
    },
  });
  return report;
}

function unappliedPersonalData({ personalData }: PipelineState, settings: PublishSettings): string[] {
  return entriesAdded(personalData ?? nothingChosen, settings.personalData ?? nothingChosen);
}

/**
 * Restores the run's rows in the pipeline's tables: a slower check may have replaced them by those of an old report.
 */
export async function restoreTables(report: RunReport, store: ObjectStore): Promise<void> {
  for (const { key, body } of runFiles(report)) {
    // A file that cannot be read is written again.
    const stored = await store.get(key).catch(() => undefined);
    if (!stored || Buffer.compare(stored.body, body) !== 0) await store.put(key, body);
  }
}
