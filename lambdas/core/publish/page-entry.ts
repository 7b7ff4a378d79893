import type { PipelineState } from '../../contract/pipeline-state.ts';
import type { RunReport } from '../../contract/run-report.ts';
import type { EndedRun, Span } from '../page/page-state.ts';
import type { Progress } from './merge-run.ts';
import { type ProblemSettings, runProblems } from './run-problems.ts';
import type { RunTree, TaskNode } from './run-tree.ts';
import { hoursSinceWhole } from './table-age.ts';

/** What the page says about a run. @param state after the run moved its watermarks */
export function pageEntry(
  report: RunReport,
  state: PipelineState,
  { tree, progress }: { readonly tree: RunTree; readonly progress: Progress },
  settings: ProblemSettings,
): EndedRun {
  const problemsOf = (of: RunReport) =>
    runProblems(of, state, settings).map(({ tables, ...problem }) => ({ ...problem, tables: [...tables] }));
  return {
    report,
    problems: problemsOf(report),
    problemsOf,
    spans: spansOf(tree.tasks),
    rows: new Map(Object.entries(progress.tables).map(([name, { result }]) => [name, result.rows])),
    hours: hoursSinceWhole(report, state),
    held: state.held,
    rejected: state.rejected,
    underWay: Object.entries(state.underWay).flatMap(([id, { streams }]) => (id === report.runId ? [] : streams)),
  };
}

/** When each stream was read, from its first request to the end of its last task. */
function spansOf(tasks: readonly TaskNode[]): Span[] {
  const spans = new Map<string, Span>();
  for (const { task, receipt } of tasks) {
    if (!receipt?.askedAt) continue;
    const { askedAt: from, finishedAt: to, requests } = receipt;
    const known = spans.get(task.stream) ?? { stream: task.stream, from, to, requests: 0 };
    spans.set(task.stream, {
      stream: task.stream,
      from: Date.parse(from) < Date.parse(known.from) ? from : known.from,
      to: Date.parse(to) > Date.parse(known.to) ? to : known.to,
      requests: known.requests + requests,
    });
  }
  return [...spans.values()].toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from));
}
