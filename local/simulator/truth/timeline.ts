import type { Stream } from '../../../lambdas/contract/stream.ts';
import type { Assembled } from '../assemble.ts';
import type { Row } from '../data/table.ts';
import { keyFields } from '../data/singletons.ts';
import { downloadReady } from '../exports.ts';
import { instantOf } from '../instant.ts';
import { presented } from '../presented.ts';
import type { StoredRow } from '../stored-table.ts';
import type { Workspace } from '../workspace.ts';

/** What the API shows under one key, from a moment on. */
export interface Span {
  /** In milliseconds since 1970; -Infinity for what was there from the start. The span before ends here. */
  readonly from: number;
  /** Fields as the API gives them, with the parent's key; undefined: it shows nothing. */
  readonly row: Row | undefined;
  /** The instant that `updated_at` stands for, as it is shown; undefined if it stands for none. */
  readonly updated: number | undefined;
  /** When this state was written. */
  readonly written: number;
}

/** One key of a table, with all that was ever shown under it. The spans follow each other without a gap. */
export interface Unit {
  readonly table: string;
  readonly key: string;
  /** Id of the row; undefined if rows of the table have none. */
  readonly id: string | undefined;
  /** Id of the parent; undefined for tables without one. */
  readonly parent: string | undefined;
  readonly spans: readonly Span[];
}

/** The spans that are shown at some moment of a time. */
export function spansIn({ spans }: Unit, from: number, to: number): Span[] {
  return spans.filter((span, index) => span.from <= to && (spans[index + 1]?.from ?? Infinity) > from);
}

/** Every key of a table that the workspace ever had. */
export function unitsOf(simulated: Assembled, stream: Stream): Unit[] {
  const { workspace } = simulated;
  const ordinals = new Map<string, number>();
  return workspace.everyRow(stream.name).flatMap((stored) => {
    const parents = [...new Set(stored.versions.map(({ parent }) => parent))];
    return parents.map((parent): Unit => {
      const spans = spansOf(simulated, stream, stored, parent);
      const row = stored.versions[0]?.row;
      const id = row?.['id'] === undefined ? undefined : String(row['id']);
      const above = stream.parent ? parent : undefined;
      return { table: stream.name, key: keyOf(above, id, row, ordinals), id, parent: above, spans };
    });
  });
}

/** Rows without an id are told apart by their `row`, and those of one `row` by their order. */
export function keyOf(
  parent: string | undefined,
  id: string | undefined,
  row: Readonly<Record<string, unknown>> | undefined,
  ordinals: Map<string, number>,
): string {
  if (id !== undefined) return parent === undefined ? id : `${parent} ${id}`;
  const place = `${parent} row ${String(row?.['row'])}`;
  const ordinal = (ordinals.get(place) ?? 0) + 1;
  ordinals.set(place, ordinal);
  return `${place} error ${ordinal}`;
}

function spansOf(simulated: Assembled, stream: Stream, stored: StoredRow, parent: string): Span[] {
  const { workspace } = simulated;
  const settings = simulated.settings();
  const spans: Span[] = [];
  let shown: object | undefined;
  for (const from of [...turnsOf(workspace, stream.name, stored)].toSorted((a, b) => a - b)) {
    const version = workspace.locate(stream.name, stored.id, from)?.shown(from);
    const isHere = version?.parent === parent;
    const row = isHere ? version.row : undefined;
    if (spans.length > 0 && row === shown) continue;
    shown = row;
    spans.push({
      from,
      row: row && presented(shownFields(stream, parent, row, settings), settings.timeForm),
      updated: settings.timeForm === 'null' ? undefined : instantOf(row?.['updated_at']),
      written: isHere && version.writtenAt !== -Infinity ? version.writtenAt : (instantOf(row?.['updated_at']) ?? 0),
    });
  }
  return spans;
}

function shownFields(stream: Stream, parent: string, row: Row, settings: Parameters<typeof keyFields>[0]): Row {
  if (stream.name === 'identity') return { ...row, ...keyFields(settings) };
  if (stream.name === 'exports') return { ...row, download_ready: downloadReady(row) };
  return stream.parent ? { [stream.parent.key]: parent, ...row } : row;
}

/** When what is shown of a row may change: by its own states, and by those of the rows above it. */
function turnsOf(workspace: Workspace, name: string, { versions }: StoredRow): Set<number> {
  const turns = new Set([-Infinity, ...versions.map(({ visibleAt }) => visibleAt)]);
  const { parent } = workspace.table(name).spec;
  if (parent === undefined) return turns;
  for (const id of new Set(versions.map(({ parent }) => parent))) {
    const above = workspace.table(parent).get(id);
    if (above) for (const turn of turnsOf(workspace, parent, above)) turns.add(turn);
  }
  return turns;
}
