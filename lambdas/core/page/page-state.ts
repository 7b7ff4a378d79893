import { z } from 'zod';
import { problemNames } from '../../contract/problems.ts';
import { count, instant, runId, runKind, streamName } from '../../contract/run.ts';
import { type RunReport, runReport } from '../../contract/run-report.ts';
import { type PipelineState, pipelineState } from '../../contract/pipeline-state.ts';
import { unfitColumn } from '../../contract/unfit-columns.ts';
import { runStatus } from '../../contract/run-status.ts';
import { nightWith } from '../runs/last-night.ts';
import { totalsOf } from '../runs/run-totals.ts';
import { fileCounts } from './count-file.ts';

const problem = z.object({ problem: z.enum(problemNames), message: z.string(), tables: z.array(streamName) });

/** A run in the list of the last runs. */
const listedRun = z.object({
  runId,
  kind: runKind,
  status: runStatus,
  startedAt: instant,
  finishedAt: instant,
  rows: count,
  changed: count,
  deleted: count,
  healed: count,
  rejected: count,
  /** Rejected rows for which the API gives no key. */
  keyless: count.optional(),
  suspected: count,
  requests: count,
  retries: count,
  /** Seconds from the first request to the end of the last task. */
  readSeconds: z.number().nonnegative(),
  confirmRunId: runId.optional(),
  /** Tables that the request of the run named. Absent: all that the configuration names. */
  requestedStreams: z.array(streamName).optional(),
  tables: z.array(streamName),
  problems: z.array(problem),
  unfitColumns: z.array(unfitColumn).optional(),
});
export type ListedRun = z.infer<typeof listedRun>;

/** When a table was read in a run: the span of its tasks. */
const span = z.object({ stream: streamName, from: instant, to: instant, requests: count });
export type Span = z.infer<typeof span>;

const night = z.object({
  runId,
  startedAt: instant,
  /** By table: its rows after the night, and how the night ended for it. */
  tables: z.record(streamName, z.tuple([count.nullable(), runStatus])),
});
export type Night = z.infer<typeof night>;

/** What was counted in the data files of a table. */
const countedFiles = z.object({
  /** When the table's newest version was looked at. */
  at: instant,
  /** False if there was no time to read every file. */
  isWhole: z.boolean(),
  files: z.record(z.string(), fileCounts),
});
export type CountedFiles = z.infer<typeof countedFiles>;

/** State behind the page. It is a cache: if it is lost, the page shows no earlier runs, and files are counted again. */
export const pageState = z.object({
  /** Newest first. */
  runs: z.array(listedRun),
  /** Newest first. */
  nights: z.array(night),
  /** The last night as it stands, see `standingNight`; the other facts are of the run with its id. */
  lastNight: z
    .object({
      report: runReport,
      spans: z.array(span),
      hours: z.record(streamName, z.number()),
      /** The report of the run that asked again for rows that the night did not get; absent until it has ended. */
      confirmed: runReport.optional(),
    })
    .optional(),
  /** Rows of each current table after the newest run that read it. */
  rows: z.record(streamName, count),
  counted: z.record(streamName, countedFiles),
  /** Deletions that runs have held back, after the newest run that wrote the page. */
  held: pipelineState.shape.held,
  /** Rows that runs have rejected, after the same run. */
  rejected: pipelineState.shape.rejected,
  /** Tables that other runs were still reading when the newest night ended. */
  underWay: z.array(streamName).optional(),
  /** Messages in each dead-letter queue that is not empty, after the newest run that looked. */
  deadLetters: z.record(z.string(), count).optional(),
});
export type PageState = z.infer<typeof pageState>;

export const emptyPageState: PageState = { runs: [], nights: [], rows: {}, counted: {} };

/** Limits that keep the page small: a year of nights for the charts, and the newest runs for the list. */
const nightsKept = 366;
const nightlyRunsKept = 30;
const otherRunsKept = 20;

/** A run that has ended, as publish knows it. */
export interface EndedRun {
  readonly report: RunReport;
  readonly problems: ListedRun['problems'];
  /** The problems of another report, as the pipeline's state is after the run. @default those of the run */
  readonly problemsOf?: (report: RunReport) => ListedRun['problems'];
  readonly spans: readonly Span[];
  /** Rows of the current tables that the run merged. */
  readonly rows: ReadonlyMap<string, number>;
  /** Hours since each table was read whole. */
  readonly hours: ReadonlyMap<string, number>;
  /** Deletions that are held back after the run. */
  readonly held?: PipelineState['held'];
  /** Rows that runs have rejected, and whether they were read again since. */
  readonly rejected?: PipelineState['rejected'];
  /** Tables that other runs are still reading. */
  readonly underWay?: readonly string[];
}

/** The state after a run. The same run can be added again, for instance after a replay. */
export function withRun(state: PageState, run: EndedRun): PageState {
  const { report } = run;
  const otherRuns = state.runs.filter(({ runId }) => runId !== report.runId);
  const runs = newestFirst([...otherRuns, listed(run)]);
  const added = {
    ...state,
    runs: kept(runs),
    rows: { ...state.rows, ...Object.fromEntries(run.rows) },
    held: run.held,
    rejected: run.rejected,
  };
  const { lastNight } = state;
  if (lastNight && lastNight.report.confirmRunId === report.runId)
    return { ...added, lastNight: { ...lastNight, confirmed: report } };
  if (report.kind !== 'nightly') return added;
  const tables = Object.fromEntries(
    Object.entries(report.tables).map(([name, { status }]): [string, Night['tables'][string]] => [
      name,
      [run.rows.get(name) ?? null, status],
    ]),
  );
  const former = state.nights.filter(({ runId }) => runId !== report.runId);
  const nights = newestFirst([...former, { runId: report.runId, startedAt: report.startedAt, tables }]);
  const ofAll = { ...added, underWay: [...(run.underWay ?? [])], nights: nights.slice(0, nightsKept) };
  const readLater = new Set(
    former.filter(({ startedAt }) => startedAt > report.startedAt).flatMap((night) => Object.keys(night.tables)),
  );
  const standing = nightWith(lastNight?.report, report, readLater);
  if (standing === lastNight?.report) return ofAll;
  const isOfRun = standing.runId === report.runId;
  const others = isOfRun ? standing : without(standing, report);
  return {
    ...ofAll,
    runs: ofAll.runs.map((one) =>
      one.runId === standing.runId && run.problemsOf ? { ...one, problems: run.problemsOf(others) } : one,
    ),
    lastNight: {
      ...(isOfRun || !lastNight ? { spans: [...run.spans] } : lastNight),
      report: standing,
      hours: { ...(isOfRun ? {} : lastNight?.hours), ...Object.fromEntries(run.hours) },
      ...(lastNight?.report.runId === standing.runId ? { confirmed: lastNight.confirmed } : {}),
    },
  };
}

/** The report without the tables of a later run, whose problems are told as that run's. */
function without({ tables, ...report }: RunReport, later: RunReport): RunReport {
  const left = Object.entries(tables).filter(([name]) => !(name in later.tables));
  return { ...report, tables: Object.fromEntries(left) };
}

function listed({ report, problems, spans }: EndedRun): ListedRun {
  const { runId, kind, status, startedAt, finishedAt, confirmRunId, requestedStreams, tables, unfitColumns } = report;
  return {
    runId,
    kind,
    status,
    startedAt,
    finishedAt,
    ...totalsOf(report),
    readSeconds: secondsOf(spans),
    ...(confirmRunId === undefined ? {} : { confirmRunId }),
    ...(requestedStreams === undefined ? {} : { requestedStreams }),
    tables: Object.keys(tables),
    problems: [...problems],
    ...(unfitColumns === undefined ? {} : { unfitColumns }),
  };
}

function secondsOf(spans: readonly Span[]): number {
  if (spans.length === 0) return 0;
  const from = Math.min(...spans.map((one) => Date.parse(one.from)));
  const to = Math.max(...spans.map((one) => Date.parse(one.to)));
  return Math.max(0, (to - from) / 1_000);
}

function newestFirst<T extends { readonly startedAt: string; readonly runId: string }>(runs: readonly T[]): T[] {
  return runs.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt) || (a.runId < b.runId ? 1 : -1));
}

function kept(runs: readonly ListedRun[]): ListedRun[] {
  const nightly = runs.filter(({ kind }) => kind === 'nightly').slice(0, nightlyRunsKept);
  const others = runs.filter(({ kind }) => kind !== 'nightly').slice(0, otherRunsKept);
  return newestFirst([...nightly, ...others]);
}

/** Whether a table is empty because no run could read it: that it has no rows does not mean that there are none. */
export function isUnread({ lastNight, rows }: PageState, table: string): boolean {
  const report = lastNight?.report.tables[table];
  return report !== undefined && report.status !== 'complete' && (rows[table] ?? 0) === 0;
}

/** Whether the rows of a table are known. Those of a table that is not in `streams` are not. */
export function wasRead(state: PageState, table: string): boolean {
  const { counted, lastNight } = state;
  return !isUnread(state, table) && (table in counted || table in (lastNight?.report.tables ?? {}));
}
