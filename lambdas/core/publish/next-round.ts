import { roundKey } from '../../contract/object-keys.ts';
import type { Round, Task } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { readParquet } from '../rows/parquet/read.ts';
import { isAddressable } from '../rows/row-ids.ts';
import { writeJson } from '../store/stored-json.ts';
import { readObject } from '../store/stored-object.ts';
import {
  failedTasks,
  missingParentTasks,
  plannedIds,
  splitIds,
  suspectsToAsk,
  suspectTasks,
} from './follow-up-tasks.ts';
import type { DamagedTables } from './damaged-tables.ts';
import { type DueParents, dueParents, type ParentRow } from './due-parents.ts';
import { listsToReadAgain } from './lists-again.ts';
import type { Progress } from './merge-run.ts';
import type { RunEvidence } from './read-evidence.ts';
import { isSecondReading } from '../runs/second-reading.ts';
import { readHints, readParents, readChildReads, type TablePorts } from './read-parents.ts';
import type { RunTree } from './run-tree.ts';
import { mergeableChunks } from './scopes.ts';

export interface RoundSettings {
  readonly lookbackHours: number;
  readonly settledDays: number;
  readonly childRereadDays: number;
  readonly confirmAfterSeconds: number;
  /** @default {@link mostParentsAtOnce} */
  readonly mostParents?: number;
}

interface RoundSearch {
  readonly streams: readonly Stream[];
  readonly settings: RoundSettings;
  readonly progress: Progress;
  readonly damaged: DamagedTables;
  readonly now: Date;
  readonly mayAdd: boolean;
}

export interface NextRound {
  /** The tasks to add to the run; undefined if nothing is due. */
  readonly round: Round | undefined;
  readonly lostRace: boolean;
  readonly due: Progress['due'];
}

/**
 * Most parents that wait at the same time to have their children read. When half of them are read, more are added. Each
 * check of a run reads the whole list of waiting parents, so without this limit a large first load would slow all
 * checks down.
 */
const mostParentsAtOnce = 50_000;

/**
 * Decides which tasks a run needs next, after its tables are merged, and stores them as a round. Sends nothing.
 * @param search.mayAdd false after the deadline: the round is returned but not stored
 * @returns `lostRace`: another check stored this round first, and sends it
 */
export async function nextRound(
  evidence: RunEvidence,
  tree: RunTree,
  search: RoundSearch,
  ports: TablePorts,
): Promise<NextRound> {
  const { settings, progress, damaged, now, mayAdd } = search;
  const streams = search.streams.filter(({ name }) => !damaged.has(name));
  const number = evidence.rounds + 1;
  const due = { ...progress.due };
  const tasks: Task[] = [];
  const { mostParents = mostParentsAtOnce } = settings;
  const free = mostParents - parentsWaiting(tree);
  // After the deadline no task is added, but the report has to say what was due.
  let room = !mayAdd ? Infinity : free * 2 >= mostParents ? free : 0;
  for (const child of streams) {
    const parent = streams.find(({ name }) => name === child.parent?.stream);
    const hinting = streams.filter(({ hints }) => hints?.some((hint) => hint.child === child.name));
    if (!parent || room <= 0 || (!mayAdd && isUnfinished(tree, child))) continue;
    const isWhole = tree.tasks.every(({ task, receipt }) => task.stream !== parent.name || receipt);
    const inputVersion =
      [parent, ...hinting].map(({ name }) => progress.tables[name]?.merged ?? '').join(' | ') + ` ${isWhole}`;
    if (due[child.name] === inputVersion) continue;
    const asked = plannedIds(tree, child.name);
    const found = await damaged.attempt([child.name], async () =>
      evidence.plan.kind === 'nightly' && !evidence.plan.fullRefresh
        ? findDue({ evidence, child, parent, hinting, settings, now, withRota: isWhole && !asked.rota }, ports)
        : { changed: await idsReadByRun(parent, tree, evidence, ports), rota: [] },
    );
    if (!found) continue;
    const suspected = suspectsToAsk(progress, child.name, { now, settings, runId: evidence.plan.runId });
    const again = suspected.flatMap(({ parentId }) => parentId ?? []);
    const changed = [...new Set([...found.changed, ...again])].filter((id) => !asked.ids.has(id)).slice(0, room);
    room -= changed.length;
    // Parents of the rota (periodic rereading) are added once per run, so they wait for a check with room for all.
    const allRota = found.rota.filter((id) => !asked.ids.has(id));
    const hasRoom = allRota.length <= room || room >= mostParents;
    const rota = hasRoom ? allRota.slice(0, room) : [];
    room -= rota.length;
    const part = (parents: string[], index: number, reread: object): Task => ({
      taskId: `${child.name}.${number}.${index}`,
      stream: child.name,
      selection: { kind: 'children', parents, ...reread },
    });
    const parts = splitIds(changed);
    tasks.push(...parts.map((parents, index) => part(parents, index, {})));
    tasks.push(...splitIds(rota).map((parents, index) => part(parents, parts.length + index, { reread: true })));
    if (room > 0 && hasRoom) due[child.name] = inputVersion;
  }
  const { kind, runId } = evidence.plan;
  for (const stream of streams) {
    const again = await damaged.attempt([stream.name], async () => [
      ...(kind === 'nightly'
        ? await suspectTasks([stream], tree, { progress, settings, now, number, runId }, ports)
        : []),
      ...(kind === 'nightly' || kind === 'backfill'
        ? await listsToReadAgain([stream], { runId, tree, progress, number }, ports)
        : []),
    ]);
    tasks.push(...(again ?? []));
  }
  tasks.push(...failedTasks(tree, number), ...missingParentTasks(streams, tree, number));
  if (tasks.length === 0) return { round: undefined, lostRace: false, due };
  const round: Round = { round: number, tasks };
  if (!mayAdd) return { round, lostRace: false, due: progress.due };
  const isFirst = await writeJson(ports.store, roundKey(evidence.plan.runId, number), round, { ifAbsent: true });
  return isFirst ? { round, lostRace: false, due } : { round: undefined, lostRace: true, due: progress.due };
}

/** True if a task of the table has not ended, or stopped early: the report then says that the table is unfinished. */
function isUnfinished({ tasks }: RunTree, { name }: Stream): boolean {
  return tasks.some(
    ({ task, receipt }) => task.stream === name && !isSecondReading(task) && (!receipt || receipt.status === 'stopped'),
  );
}

function parentsWaiting({ tasks }: RunTree): number {
  return tasks.reduce(
    (sum, { task, receipt }) =>
      sum + (!receipt && task.selection.kind === 'children' ? task.selection.parents.length : 0),
    0,
  );
}

async function findDue(
  search: {
    evidence: RunEvidence;
    child: Stream;
    parent: Stream;
    hinting: readonly Stream[];
    settings: RoundSettings;
    now: Date;
    withRota: boolean;
  },
  ports: TablePorts,
): Promise<DueParents> {
  const { evidence, child, parent, hinting, settings, now, withRota } = search;
  const hints = new Map<string, ParentRow>();
  for (const stream of hinting)
    for (const hint of stream.hints ?? [])
      if (hint.child === child.name) await readHints(stream, hint.column, ports, hints);
  return dueParents(await readParents(parent, ports), await readChildReads(child, ports), hints, {
    reading: parent.childReading ?? 'when-changed',
    runId: evidence.plan.runId,
    now: now.getTime(),
    withRota,
    ...settings,
  });
}

/**
 * Ids of all rows of a table that this run has read. A refresh, a backfill or a full refresh reads the children of all
 * of them.
 */
async function idsReadByRun(
  parent: Stream,
  tree: RunTree,
  { plan }: RunEvidence,
  { store }: TablePorts,
): Promise<string[]> {
  if (['confirm', 'export', 'sweep'].includes(plan.kind)) return [];
  const ids = new Set<string>();
  const tasks = tree.tasks.filter(({ task }) => task.stream === parent.name);
  for (const { key } of mergeableChunks(parent.name, tasks)) {
    const file = await readObject(store, key);
    for (const { id } of file ? await readParquet(key, file.body, ['id']) : []) if (isAddressable(id)) ids.add(id);
  }
  return [...ids];
}
