import { pipelineStateKey } from '../../contract/object-keys.ts';
import { commonChoice, nothingChosen } from '../../contract/personal-data.ts';
import type { Plan } from '../../contract/run.ts';
import type { RunReport } from '../../contract/run-report.ts';
import { type PipelineState, pipelineState } from '../../contract/pipeline-state.ts';
import { columnsEveryRowHas, columnsOfChildren, columnsOfReading } from '../runs/custom-columns-read.ts';
import { emptyState } from '../runs/pipeline-state.ts';
import { writtenAfter } from '../runs/written-columns.ts';
import { updateJson } from '../store/stored-json.ts';
import { isReadThrough } from './run-report.ts';
import type { PublishSettings } from './publish-work.ts';
import type { TablePorts } from './read-parents.ts';
import { childTablesReadWhole, type HeldSettings, heldAfter } from './settle-held.ts';
import { isCompleteList } from './scopes.ts';
import { rejectedAfter } from './settle-rejected.ts';
import type { RunTree, TaskNode } from './run-tree.ts';

interface ReadTree extends RunTree {
  /** The child tables of which the run has read the rows of every parent. */
  readonly childrenRead: readonly string[];
}

/**
 * Ends the run's claim on its streams. For each table that it read to the end, a nightly run also moves the watermark
 * to the run's start, or to the start of a complete reading that took several nights. For lists that are normally read
 * only for changes, it also records complete readings, and where an unfinished one continues. A run of any kind records
 * the deletions that it holds back and the rows that it rejected. A night also records which part of `personalData` every row follows, and
 * with which custom columns rows were written.
 * @returns the new state
 */
export async function moveState(
  plan: Plan,
  report: RunReport,
  tree: ReadTree,
  settings: HeldSettings & Pick<PublishSettings, 'personalData' | 'streamNamed'>,
  ports: TablePorts,
): Promise<PipelineState> {
  const { store } = ports;
  const moved = await updateJson(store, pipelineStateKey, pipelineState, emptyState, (state) => {
    const { [plan.runId]: claim, ...underWay } = state.underWay;
    const held = heldAfter(state, plan, report, tree, settings);
    const rejected = rejectedAfter(state, plan, report, tree, settings);
    const after = { ...state, ...(held ? { held } : {}), ...(rejected ? { rejected } : {}) };
    if (plan.kind === 'nightly') {
      const personalData = settings.personalData ?? nothingChosen;
      const streams = plan.streams.map(settings.streamNamed);
      const written = writtenAfter(state.writtenColumns ?? {}, streams, { runId: plan.runId, personalData });
      const isKnown = state.writtenColumns !== undefined || Object.keys(written).length > 0;
      return {
        ...nightlyState(after, plan, report, tree, settings),
        personalData: commonChoice(state.personalData ?? personalData, personalData),
        ...(isKnown ? { writtenColumns: written } : {}),
        underWay,
      };
    }
    const isChanged = JSON.stringify([held, rejected]) !== JSON.stringify([state.held, state.rejected]);
    return claim || isChanged ? { ...after, underWay } : undefined;
  });
  const { held = {} } = moved;
  const whole = await childTablesReadWhole(held, plan, report, tree, settings.streamNamed, ports);
  if (whole.size === 0) return moved;
  return updateJson(store, pipelineStateKey, pipelineState, emptyState, (state) => {
    const stands = Object.entries(state.held ?? {}).filter(
      ([table, { runId }]) => !whole.has(table) || runId !== held[table]?.runId,
    );
    return { ...state, held: Object.fromEntries(stands) };
  });
}

function nightlyState(
  state: PipelineState,
  plan: Plan,
  report: RunReport,
  tree: ReadTree,
  { childRereadDays, streamNamed }: HeldSettings & Pick<PublishSettings, 'streamNamed'>,
): PipelineState {
  const { runId, startedAt } = plan;
  const watermarks = { ...state.watermarks };
  const rereads = { ...state.rereads };
  const resumes = { ...state.resumes };
  const readWhole = Object.keys(report.tables).filter(
    (name) =>
      tree.childrenRead.includes(name) ||
      (plan.fullRefresh && report.tables[name] && isReadThrough(report.tables[name])),
  );
  const isChild = (name: string) => streamNamed(name).parent !== undefined;
  const ofChildren = columnsOfChildren(state, plan, { isChild, readWhole, childRereadDays });
  const customColumns = { ...columnsEveryRowHas(state, plan), ...ofChildren.customColumns };
  for (const [name, table] of Object.entries(report.tables)) {
    const node = tree.tasks.find(({ task }) => task.stream === name && task.selection.kind === 'list');
    // Changes since a reading of the whole list began still have to be read, however many nights it took.
    const at = resumes[name]?.startedAt ?? startedAt;
    // The watermark moves once per run. The first check deletes the `resumes` entry, so a later one would compute a
    // wrong time.
    if (isReadThrough(table) && watermarks[name]?.runId !== runId && isNewer(at, watermarks[name])) {
      watermarks[name] = { at, runId };
      const columns = columnsOfReading(name, plan, resumes[name]);
      delete resumes[name];
      const former = rereads[name];
      if (node && isCompleteList(node) && isNewer(startedAt, former)) {
        rereads[name] = { at: startedAt, runId, count: (former?.count ?? 0) + 1 };
        if (columns.length > 0) customColumns[name] = columns;
      }
    }
    const goesOn = node && (!watermarks[name] || isReread(node)) && node.receipt?.status === 'stopped';
    const resume = goesOn ? node.receipt.resume : null;
    const columns = columnsOfReading(name, plan, resumes[name]);
    if (resume)
      resumes[name] = { ...resume, startedAt: at, ...(columns.length === 0 ? {} : { customColumns: columns }) };
  }
  const known = Object.keys(customColumns).length === 0 ? {} : { customColumns };
  const { fillingColumns: _, ...others } = state;
  const { fillingColumns } = ofChildren;
  const filling = Object.keys(fillingColumns).length === 0 ? {} : { fillingColumns };
  return { ...others, watermarks, rereads, resumes, ...known, ...filling };
}

function isReread({ task: { selection } }: TaskNode): boolean {
  return selection.kind === 'list' && selection.healsBefore !== undefined;
}

function isNewer(at: string, than: { readonly at: string } | undefined): boolean {
  return !than || Date.parse(than.at) < Date.parse(at);
}
