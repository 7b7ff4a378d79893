import type { PipelineState, Selection } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';

/** Which rows of a root are read. */

const hour = 3_600_000;
const day = 24 * hour;
/** A night may begin somewhat earlier than the one before it. */
const nightSlack = 12 * hour;

export interface ReadSettings {
  /** Leads that did not change since are not read. */
  readonly startDate: Date | undefined;
  /** How far behind the watermark changes are asked for: rows may become visible late. */
  readonly lookbackHours: number;
  /** A list that is read by changes is read completely at least this often. */
  readonly rereadDays: number;
}

export interface RootReading {
  readonly state: PipelineState;
  readonly now: Date;
  readonly settings: ReadSettings;
}

/** What a night reads of a root: changes if the API can tell them, else everything. */
export function nightlySelection(root: Stream, { state, now, settings }: RootReading): Selection {
  if (root.shape === 'single') return { kind: 'single' };
  if (!root.cursor) return { kind: 'list' };
  const after = changedSince(root, { state, settings });
  if (!after) {
    const { cursor, pages } = state.resumes[root.name] ?? {};
    const resume = cursor === undefined || pages === undefined ? {} : { resume: { cursor, pages } };
    return { ...wholeList(settings), ...resume };
  }
  if (isRereadDue(state.rereads[root.name], now, settings))
    return { ...wholeList(settings), healsBefore: after.toISOString() };
  return { kind: 'list', window: { after: after.toISOString() } };
}

/** One reading of what changed since the watermark, or of the whole list if no filter tells. */
export function changedSelection(root: Stream, reading: Omit<RootReading, 'now'>): Selection {
  const after = root.cursor && changedSince(root, reading);
  return after ? { kind: 'list', window: { after: after.toISOString() } } : { kind: 'list' };
}

/** Everything, as far back as the configuration wants. */
export function wholeList({ startDate }: Pick<ReadSettings, 'startDate'>): Selection & { kind: 'list' } {
  return startDate ? { kind: 'list', window: { after: justBefore(startDate).toISOString() } } : { kind: 'list' };
}

/**
 * The lower bound by which rows of this very time are read as well: no page says whether the API's filters
 * include their bounds, and some know only seconds.
 */
export function justBefore(time: Date): Date {
  return new Date(time.getTime() - 1_000);
}

function changedSince(root: Stream, { state, settings }: Omit<RootReading, 'now'>): Date | undefined {
  const watermark = state.watermarks[root.name];
  return watermark && new Date(Date.parse(watermark.at) - settings.lookbackHours * hour);
}

/** The night after the first load reads everything once more: a list may have moved while it was paged. */
function isRereadDue(
  last: PipelineState['rereads'][string] | undefined,
  now: Date,
  { rereadDays }: ReadSettings,
): boolean {
  if (!last || last.count < 2) return true;
  return now.getTime() - Date.parse(last.at) > rereadDays * day - nightSlack;
}
