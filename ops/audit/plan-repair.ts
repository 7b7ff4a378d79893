import type { Plan, Selection, Task } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { splitIds } from '../../lambdas/core/publish/follow-up-tasks.ts';
import { isAddressable } from '../../lambdas/core/rows/row-ids.ts';
import { familyOf } from '../../lambdas/core/runs/families.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import type { Audit } from './audit.ts';
import type { TableAudit } from './table-audit.ts';

export interface RepairSettings {
  readonly now: Date;
  readonly deadlineHours: number;
}

/** A run that reads the differing rows again. */
export interface Reading {
  readonly plan: Plan;
  /** Describes for a person what the run reads. */
  readonly lines: readonly string[];
}

const hour = 3_600_000;

/** Plans the smallest run that makes the current tables match the API; undefined if they match. */
export function planReading(found: Audit, { now, deadlineHours }: RepairSettings): Reading | undefined {
  const tasks: Task[] = [];
  const lines: string[] = [];
  const reads = new Set<string>();
  const on = streams.filter(
    ({ name }) => found.streams.includes(name) || found.tables.some(({ table }) => table === name),
  );
  /** Ids of differing rows, by table. Their children are read or deleted with them. */
  const differing = new Map<string, ReadonlySet<string>>();
  for (const audit of found.tables) {
    if (audit.differences.length === 0) continue;
    const stream = streamNamed(audit.table);
    const { selections, line } = selectionsFor(stream, audit, differing);
    differing.set(stream.name, new Set(audit.differences.map(({ key }) => key.at(-1) ?? '')));
    if (selections.length === 0) continue;
    // The children of a row that was missing are missing too, so they are read as well.
    for (const { name } of familyOf(stream, on)) reads.add(name);
    lines.push(line);
    tasks.push(
      ...selections.map((selection, part) => ({ taskId: `${stream.name}.0.${part}`, stream: stream.name, selection })),
    );
  }
  if (tasks.length === 0) return undefined;
  const plan: Plan = {
    runId: `${runIdOf('backfill', now)}-audit`,
    kind: 'backfill',
    startedAt: now.toISOString(),
    deadline: new Date(now.getTime() + deadlineHours * hour).toISOString(),
    streams: on.filter(({ name }) => reads.has(name)).map(({ name }) => name),
    tasks,
    // What the run reads wins over the table's rows, whatever `updated_at` says: the audit found the table to be wrong.
    fullRefresh: true,
  };
  return { plan, lines };
}

function selectionsFor(
  stream: Stream,
  { differences }: TableAudit,
  differing: ReadonlyMap<string, ReadonlySet<string>>,
): { selections: Selection[]; line: string } {
  const { name, parent } = stream;
  if (stream.byId !== undefined) {
    const ids = differences.map(({ key }) => key.at(-1)).filter(isAddressable);
    return {
      selections: splitIds(ids).map((part) => ({ kind: 'ids', ids: part })),
      line: `Reads ${counted(ids.length, 'row')} of ${name} by id, and what belongs to them.`,
    };
  }
  if (parent) {
    const at = stream.key.indexOf(parent.key);
    const above = differing.get(parent.stream);
    const parents = [...new Set(differences.map(({ key }) => key[at]))].filter(isAddressable);
    const own = parents.filter((id) => !above?.has(id));
    return {
      selections: splitIds(own).map((part) => ({ kind: 'children', parents: part })),
      line: `Reads ${name} of ${counted(own.length, 'row')} of ${parent.stream}.`,
    };
  }
  return {
    selections: [stream.shape === 'single' ? { kind: 'single' } : { kind: 'list' }],
    line: `Reads ${name} whole.`,
  };
}
