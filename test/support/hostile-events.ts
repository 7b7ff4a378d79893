/** Changes in a workspace that a reader of the API would not expect. */

import { streams } from '../../lambdas/streams/registry.ts';
import type { Json, Row } from '../../local/simulator/data/table.ts';
import type { StoredRow } from '../../local/simulator/stored-table.ts';
import type { Workspace } from '../../local/simulator/workspace.ts';

const hour = 3_600_000;

/** Values that a change may show as its time. */
const oddTimes = {
  'no time': () => null,
  'a time to come': (now: number) => new Date(now + 400 * 24 * hour).toISOString(),
  'an old time': (now: number) => new Date(now - 900 * 24 * hour).toISOString(),
  'a time a while ago': (now: number) => new Date(now - 5 * hour).toISOString(),
  'a time with a space': (now: number) => new Date(now).toISOString().replace('T', ' ').replace('Z', ''),
  'a time in lower case': (now: number) => new Date(now).toISOString().toLowerCase(),
  'a time as a number': (now: number) => now,
} as const satisfies Record<string, (now: number) => Json>;

const ordinary = [
  'a change',
  'a change that shows no time of its own',
  'a new row',
  'a new row below a quiet parent',
  'a new row below a parent that moves',
  'a message that only its thread tells of',
  'a deletion',
  'a deletion below a quiet parent',
  'a restoration',
  'a merger',
  'a merger that the other does not show',
  'a day',
] as const;

type OddTime = keyof typeof oddTimes;
// Object.keys returns plain strings.
export const eventKinds = [...ordinary, ...(Object.keys(oddTimes) as OddTime[])] as const;

export interface WorldEvent {
  readonly kind: (typeof eventKinds)[number];
  readonly table: string;
  /** Indexes of the row and of another row, `other`; taken modulo the number of rows. */
  readonly row: number;
  readonly other: number;
  /** Minutes until the API shows the change; undefined uses the workspace's setting. */
  readonly lagMinutes: number | undefined;
}

/** Tables that no event changes: a write could not name their rows, or would not find a row again. */
const unwritableTables = new Set([
  'import_errors',
  'identity',
  ...streams.filter(({ shape }) => shape === 'single').map(({ name }) => name),
]);

/** Applies an event; an event that is impossible in this workspace does nothing. */
export function applyEvent(workspace: Workspace, event: WorldEvent): void {
  const { kind, table, lagMinutes } = event;
  const options = lagMinutes === undefined ? {} : { lagMinutes };
  if (kind === 'a day')
    return workspace.now() - workspace.latestEpoch < hour ? undefined : workspace.advance(new Date(workspace.now()));
  if (unwritableTables.has(table)) return undefined;
  const [row, other] = [pick(workspace, table, event.row), pick(workspace, table, event.other)];
  const children = streams.filter(({ parent, name }) => parent?.stream === table && !unwritableTables.has(name));
  const child = children[event.other % children.length]?.name;
  const changed: Row = { status: `changed ${event.other}`, title: `Changed ${event.other}` };
  switch (kind) {
    case 'a change':
      if (row) workspace.update(table, row.id, fieldsOf(row, changed), options);
      return undefined;
    case 'a change that shows no time of its own':
      if (row) workspace.update(table, row.id, { ...fieldsOf(row, changed), ...timesOf(row) }, options);
      return undefined;
    case 'a new row': {
      const above = streams.find(({ name }) => name === table)?.parent?.stream;
      const parent = above === undefined ? undefined : pick(workspace, above, event.other);
      if (above === undefined || parent) workspace.create(table, {}, parent?.id, options);
      return undefined;
    }
    case 'a new row below a quiet parent':
    case 'a new row below a parent that moves':
      if (row && child !== undefined) workspace.create(child, {}, row.id, options);
      if (row && child !== undefined && kind === 'a new row below a parent that moves')
        workspace.update(table, row.id, {});
      return undefined;
    case 'a message that only its thread tells of':
      return messageInThread(workspace, event);
    case 'a deletion':
      if (row) workspace.remove(table, row.id, options);
      return undefined;
    case 'a deletion below a quiet parent': {
      const below = child === undefined ? undefined : pick(workspace, child, event.row);
      if (below && child !== undefined) workspace.remove(child, below.id, options);
      return undefined;
    }
    case 'a restoration': {
      const gone = workspace.everyRow(table).filter(({ latest }) => latest?.row === undefined);
      const [first] = gone;
      if (first && ancestorsExist(workspace, table, first)) workspace.restore(table, first.id, {}, options);
      return undefined;
    }
    case 'a merger':
    case 'a merger that the other does not show':
      if (row && other && row !== other && table === 'leads')
        workspace.merge(table, row.id, other.id, kind === 'a merger' ? { updated_at: iso(workspace) } : {}, options);
      return undefined;
    default:
      if (row)
        workspace.update(
          table,
          row.id,
          { ...fieldsOf(row, changed), updated_at: oddTimes[kind](workspace.now()) },
          options,
        );
      return undefined;
  }
}

function messageInThread(workspace: Workspace, { row, lagMinutes }: WorldEvent): undefined {
  const thread = pick(workspace, 'inbox_threads', row);
  const lead = String(thread?.latest?.row?.['lead_id']);
  if (!thread || !workspace.everyRow('leads').some(({ id, latest }) => id === lead && latest?.row)) return undefined;
  const options = lagMinutes === undefined ? {} : { lagMinutes };
  workspace.create('inbox_messages', { body: 'Hello' }, thread.id, options);
  workspace.create('lead_messages', { body: 'Hello' }, lead, options);
  workspace.update('inbox_threads', thread.id, { last_message_at: iso(workspace) }, options);
  return undefined;
}

/** A row that currently exists, together with all rows above it. */
function pick(workspace: Workspace, table: string, index: number): StoredRow | undefined {
  const rows = workspace.everyRow(table).filter((row) => row.latest?.row && ancestorsExist(workspace, table, row));
  return rows[index % rows.length];
}

/** Whether all rows above this one currently exist. */
function ancestorsExist(workspace: Workspace, table: string, { latest }: StoredRow): boolean {
  const { parent } = workspace.table(table).spec;
  if (parent === undefined) return true;
  const above = workspace.table(parent).get(latest?.parent ?? '');
  return above?.latest?.row !== undefined && ancestorsExist(workspace, parent, above);
}

/** The given fields, without those that the row does not have. */
function fieldsOf({ latest }: StoredRow, fields: Row): Row {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => latest?.row && Object.hasOwn(latest.row, name)));
}

function timesOf({ latest }: StoredRow): Row {
  return { updated_at: latest?.row?.['updated_at'] };
}

function iso(workspace: Workspace): string {
  return new Date(workspace.now()).toISOString();
}
