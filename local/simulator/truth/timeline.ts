import type { Stream } from '../../../lambdas/contract/stream.ts';
import type { Assembled } from '../assemble.ts';
import type { Row } from '../data/table.ts';
import { type CurrentRow, hasSameContent } from './content.ts';
import { keyFields } from '../data/singletons.ts';
import { downloadReady } from '../exports.ts';
import { instantOf } from '../instant.ts';
import { orderOf } from '../listing.ts';
import { formatTimes } from '../format-times.ts';
import type { StoredRow } from '../stored-table.ts';
import type { Workspace } from '../workspace.ts';

/** A row as the API presents it. */
export interface PresentedRow {
  /** Undefined if rows of the table have no id. */
  readonly id: string | undefined;
  /** Another row's id in a field of this row; undefined if the field holds no id. */
  readonly idIn: (field: string) => string | undefined;
  /** Whether a row of a current table has the same content as this row. */
  readonly matches: (current: CurrentRow) => boolean;
}

/**
 * Says how the API presents a row of the workspace. Undefined if the presented row cannot be told from others.
 * @param row row of the workspace, with the id of its parent
 * @param parent id of the parent, as the API presents it
 */
export type PresentRow = (stream: Stream, row: Row, parent: string | undefined) => PresentedRow | undefined;

/** For an API that presents rows unaltered. */
export const presentUnaltered: PresentRow = (stream, row) => ({
  id: row['id'] === undefined ? undefined : String(row['id']),
  idIn: (field) => (row[field] === undefined || row[field] === null ? undefined : String(row[field])),
  matches: (current) => hasSameContent(stream, current, row),
});

/** A state of a row that the API shows, from a moment until the next span begins. */
export interface Span {
  /** Start of the span, in milliseconds since 1970; -Infinity for a row that was there from the start. */
  readonly from: number;
  /** The row, with the id of its parent. Undefined if the API shows no row that belongs in a table. */
  readonly row: Row | undefined;
  readonly presented: PresentedRow | undefined;
  /** Whether the row differs from that of the previous span. */
  readonly isChange: boolean;
  /** The instant of `updated_at` as shown; undefined if it is not a time. */
  readonly updated: number | undefined;
  /** When this state was written, in milliseconds since 1970. */
  readonly written: number;
}

/** One key of a table, and every state that the API ever showed under it. The spans follow each other without a gap. */
export interface KeyTimeline {
  readonly table: string;
  /** The key of the row in the current table. */
  readonly key: string;
  /** Id of the row in the workspace; undefined if rows of the table have no id. */
  readonly id: string | undefined;
  /** Id of the parent in the workspace; undefined for tables without a parent. */
  readonly parent: string | undefined;
  readonly spans: readonly Span[];
}

/** The spans that are shown at some moment between `from` and `to`. */
export function spansIn({ spans }: KeyTimeline, from: number, to: number): Span[] {
  return spans.filter((span, index) => span.from <= to && (spans[index + 1]?.from ?? Infinity) > from);
}

/** Derives a timeline for each row of a workspace: every state of the row that the API showed, and when. */
export class Timelines {
  readonly #simulated: Assembled;
  readonly #presentRow: PresentRow;
  /** Ids as the API gives them, by table and id in the workspace. */
  readonly #ids = new Map<string, string>();

  constructor(simulated: Assembled, presentRow: PresentRow = presentUnaltered) {
    this.#simulated = simulated;
    this.#presentRow = presentRow;
  }

  /** The timelines of every key that a table ever had. Call this for parent tables first. */
  of(stream: Stream): KeyTimeline[] {
    const ordinals = new Map<string, number>();
    return this.#inOrder(stream).flatMap((stored) => {
      const parents = [...new Set(stored.versions.map(({ parent }) => parent))];
      return parents.flatMap((parent) => this.#timeline(stream, stored, parent, ordinals) ?? []);
    });
  }

  /** Sorts rows that have no id by their place in the list. Their place is all that tells them apart. */
  #inOrder({ name, parent, numbered }: Stream): StoredRow[] {
    const { workspace, settings } = this.#simulated;
    const rows = workspace.everyRow(name);
    if (!parent || !numbered) return rows;
    const lists = workspace
      .everyRow(parent.stream)
      .flatMap((above) => workspace.listing(name, above, orderOf(name, settings().order)));
    const places = new Map(lists.map(({ row }, place) => [row, place]));
    const placeOf = ({ latest }: StoredRow) => (latest?.row && places.get(latest.row)) ?? 0;
    return rows.toSorted((a, b) => placeOf(a) - placeOf(b));
  }

  #timeline(stream: Stream, stored: StoredRow, parent: string, ordinals: Map<string, number>): KeyTimeline | undefined {
    const above = stream.parent && this.#ids.get(`${stream.parent.stream} ${parent}`);
    if (stream.parent && above === undefined) return undefined;
    const spans = this.#spans(stream, stored, parent, above);
    const seen = spans.find(({ presented }) => presented);
    if (!seen?.presented) return undefined;
    if (seen.presented.id !== undefined) this.#ids.set(`${stream.name} ${stored.id}`, seen.presented.id);
    const key = keyOf(above, seen.presented.id, seen.row, ordinals);
    const id = seen.row?.['id'] === undefined ? undefined : stored.id;
    return { table: stream.name, key, id, parent: stream.parent ? parent : undefined, spans };
  }

  #spans(stream: Stream, stored: StoredRow, parent: string, above: string | undefined): Span[] {
    const { workspace } = this.#simulated;
    const settings = this.#simulated.settings();
    const spans: Span[] = [];
    let last: object | undefined;
    for (const from of [...changeTimesOf(workspace, stream.name, stored)].toSorted((a, b) => a - b)) {
      const version = workspace.visibleRow(stream.name, stored.id, from)?.shown(from);
      const isHere = version?.parent === parent;
      const given = isHere ? version.row : undefined;
      if (spans.length > 0 && given === last) continue;
      last = given;
      const row = given && formatTimes(shownFields(stream, above, given, settings), settings.timeForm);
      const presented = row && this.#presentRow(stream, row, above);
      const updated = settings.timeForm === 'null' ? undefined : instantOf(given?.['updated_at']);
      const written = isHere && version.writtenAt !== -Infinity ? version.writtenAt : (updated ?? 0);
      const isChange = JSON.stringify(presented && row) !== JSON.stringify(spans.at(-1)?.row);
      spans.push({ from, row: presented && row, presented, isChange, updated, written });
    }
    return spans;
  }
}

/**
 * The key of a row. Rows without an id are told apart by their field `row`, and those with the same value by their
 * order.
 */
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

function shownFields(
  stream: Stream,
  parent: string | undefined,
  row: Row,
  settings: Parameters<typeof keyFields>[0],
): Row {
  if (stream.name === 'identity') return { ...row, ...keyFields(settings) };
  if (stream.name === 'exports') return { ...row, download_ready: downloadReady(row) };
  return stream.parent && parent !== undefined ? { [stream.parent.key]: parent, ...row } : row;
}

/** The times at which the shown state of a row may change: when the row itself changes, or a row above it. */
function changeTimesOf(workspace: Workspace, name: string, { versions }: StoredRow): Set<number> {
  const times = new Set([-Infinity, ...versions.map(({ visibleAt }) => visibleAt)]);
  const { parent } = workspace.table(name).spec;
  if (parent === undefined) return times;
  for (const id of new Set(versions.map(({ parent }) => parent))) {
    const above = workspace.table(parent).get(id);
    if (above) for (const time of changeTimesOf(workspace, parent, above)) times.add(time);
  }
  return times;
}
