/** Decides which rows of a root stream (one without a parent) are read. */

import type { Selection } from '../../contract/run.ts';
import type { PipelineState } from '../../contract/pipeline-state.ts';
import type { Stream } from '../../contract/stream.ts';
import { lacksCustomColumn } from './custom-columns-read.ts';

const hour = 3_600_000;
const day = 24 * hour;
/**
 * A complete reading counts as due this long before `rereadDays` have passed, because a nightly run may begin earlier
 * in the night than the one before.
 */
const nightSlack = 12 * hour;

export interface ReadSettings {
  /** Leads that have not changed since this time are not read. */
  readonly startDate: Date | undefined;
  /** Changes are requested from this long before the watermark, because rows may become visible late. */
  readonly lookbackHours: number;
  /** A list that is normally read only for changes is read completely at least this often. */
  readonly rereadDays: number;
}

export interface RootReading {
  readonly state: PipelineState;
  readonly now: Date;
  readonly settings: ReadSettings;
}

/** What a nightly run reads of a root: changes if the API can filter by them, otherwise everything. */
export function nightlySelection(root: Stream, { state, now, settings }: RootReading): Selection {
  if (root.shape === 'single') return { kind: 'single' };
  if (!root.cursor) return { kind: 'list' };
  const after = changedSince(root, { state, settings });
  if (after && !isRereadDue(state.rereads[root.name], now, settings) && !lacksCustomColumn(root, state))
    return { kind: 'list', window: { after: after.toISOString() } };
  const { cursor, pages } = state.resumes[root.name] ?? {};
  const resume = cursor === undefined || pages === undefined ? {} : { resume: { cursor, pages } };
  return { ...wholeList(settings), ...resume, ...(after ? { healsBefore: after.toISOString() } : {}) };
}

/** Reads what changed since the watermark. Reads the whole list if there is no watermark or no time filter. */
export function changedSelection(root: Stream, reading: Omit<RootReading, 'now'>): Selection {
  const after = root.cursor && changedSince(root, reading);
  return after ? { kind: 'list', window: { after: after.toISOString() } } : { kind: 'list' };
}

/** Selects everything since the configured start date. Without a start date, the whole list. */
export function wholeList({ startDate }: Pick<ReadSettings, 'startDate'>): Selection & { kind: 'list' } {
  return startDate ? { kind: 'list', window: { after: justBefore(startDate).toISOString() } } : { kind: 'list' };
}

/**
 * A lower bound that includes rows of exactly this time. The API's documentation does not say whether filters include
 * their bounds, and some filters have a precision of seconds.
 */
export function justBefore(time: Date): Date {
  return new Date(time.getTime() - 1_000);
}

function changedSince(root: Stream, { state, settings }: Omit<RootReading, 'now'>): Date | undefined {
  const watermark = state.watermarks[root.name];
  return watermark && new Date(Date.parse(watermark.at) - settings.lookbackHours * hour);
}

/**
 * True if it is time to read the whole list again. The nightly run after the first load always reads it: the list may
 * have changed while the first load paged through it.
 */
function isRereadDue(
  last: PipelineState['rereads'][string] | undefined,
  now: Date,
  { rereadDays }: ReadSettings,
): boolean {
  if (!last || last.count < 2) return true;
  return now.getTime() - Date.parse(last.at) > rereadDays * day - nightSlack;
}
