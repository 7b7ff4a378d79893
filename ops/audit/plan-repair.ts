import type { Plan, Task } from '../../lambdas/contract/run.ts';
import { counted } from '../counted.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { childTasks } from '../../lambdas/core/extract/child-tasks.ts';
import { isAddressable } from '../../lambdas/core/rows/row-ids.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import { familyOf } from '../../lambdas/core/runs/families.ts';
import type { Audit } from './audit.ts';
import type { LostFile } from './check-receipt.ts';
import { keyParts } from '../lake/row-version.ts';

/** A row that the API no longer lists, where it cannot be asked for by its id. */
export interface Grave {
  readonly stream: Stream;
  readonly key: readonly string[];
  /** When the lake last read it, in milliseconds since the epoch. */
  readonly lastReadAt: number;
}

export interface RepairPlan {
  /** Files to be made again from their raw chunks. */
  readonly files: readonly LostFile[];
  /** Runs whose rows of `pipeline_runs` are written again. */
  readonly runs: readonly string[];
  /** A refresh of what differs besides; undefined where nothing does. */
  readonly refresh:
    | { readonly plan: Plan; readonly graves: readonly Grave[]; readonly lines: readonly string[] }
    | undefined;
}

export interface RepairSettings {
  readonly now: Date;
  readonly deadlineHours: number;
}

const hour = 3_600_000;

/** The narrowest reading that makes the lake what the API says. */
export function planRepair(found: Audit, settings: RepairSettings): RepairPlan {
  return {
    files: found.files.lost.filter(({ convertible }) => convertible),
    runs: found.files.unlisted.filter((runId) => !found.files.unpublishable.includes(runId)),
    refresh: planRefresh(found, settings),
  };
}

function planRefresh(found: Audit, { now, deadlineHours }: RepairSettings): RepairPlan['refresh'] {
  const tasks: Task[] = [];
  const graves: Grave[] = [];
  const lines: string[] = [];
  const reads = new Set<string>();
  /** Rows that are read by id, and their children with them. */
  const readById = new Map<string, ReadonlySet<string>>();
  const runId = `${runIdOf('refresh', now)}-audit`;
  const on = streams.filter(
    ({ name }) => found.streams.includes(name) || found.tables.some((one) => one.table === name),
  );

  for (const { table, unrecovered: differences } of found.tables) {
    const stream = streamNamed(table);
    if (differences.length === 0) continue;
    const keys = differences.map(({ key }) => keyParts(stream, key));
    reads.add(table);
    if (stream.byId !== undefined) {
      const ids = keys.flat().filter(isAddressable);
      readById.set(table, new Set(ids));
      // A row that came late has its children still to come.
      for (const { name } of familyOf(stream, on)) reads.add(name);
      for (const [part, some] of messageSized(stream, ids).entries())
        tasks.push({ taskId: `${table}.ids.${part}`, stream: table, selection: { kind: 'ids', ids: some } });
      lines.push(
        `Reads ${counted(ids.length, 'row')} of ${table} by id, and what belongs to them; one that is gone is marked as deleted.`,
      );
      continue;
    }
    for (const { kind, key, lastReadAt } of differences)
      if (kind === 'ghost') graves.push({ stream, key: keyParts(stream, key), lastReadAt: lastReadAt ?? 0 });
    if (stream.parent) {
      const at = stream.key.indexOf(stream.parent.key);
      const above = readById.get(stream.parent.stream);
      const parents = [...new Set(keys.map((key) => key[at] ?? ''))].filter(
        (id) => isAddressable(id) && !above?.has(id),
      );
      for (const [part, some] of messageSized(stream, parents).entries())
        tasks.push({
          taskId: `${table}.children.${part}`,
          stream: table,
          selection: { kind: 'children', parents: some },
        });
      if (parents.length > 0)
        lines.push(`Reads ${table} of ${counted(parents.length, 'row')} of ${stream.parent.stream}.`);
    } else {
      tasks.push({
        taskId: `${table}.whole.0`,
        stream: table,
        selection: stream.shape === 'single' ? { kind: 'single' } : { kind: 'list' },
      });
      lines.push(`Reads ${table} whole.`);
    }
  }
  if (reads.size === 0) return undefined;
  if (graves.length > 0)
    lines.push(
      `Marks ${counted(graves.length, 'row')} that the API no longer lists as deleted; one that is read again is there again.`,
    );
  const plan: Plan = {
    runId,
    kind: 'refresh',
    startedAt: now.toISOString(),
    deadline: new Date(now.getTime() + deadlineHours * hour).toISOString(),
    streams: on.filter(({ name }) => reads.has(name)).map(({ name }) => name),
    tasks,
  };
  return { plan, graves, lines };
}

/** As many ids together as one message takes. */
function messageSized(stream: Stream, ids: readonly string[]): string[][] {
  return childTasks(stream.name, 0, ids, [stream]).flatMap(({ selection }) =>
    selection.kind === 'children' ? [selection.parents] : [],
  );
}
