import type { PipelineState, Selection } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { behind } from './windows.ts';

/** Overlap for streams that are listed whole and whose children are read by time. */
const movedOverlapMinutes = 10;

export const overlapOf = (root: Stream): number => root.cursor?.overlapMinutes ?? movedOverlapMinutes;

/** One reading of what changed since the watermark, or of the whole list where no filter tells; nothing is remembered. */
export function changedSelection(
  root: Stream,
  { streams, state, now }: { streams: readonly Stream[]; state: PipelineState; now: Date },
): Selection {
  const since = readSince(root, streams, state);
  const from = since ? behind(since.at, overlapOf(root)).toISOString() : undefined;
  if (root.cursor) return { kind: 'list', window: { ...(from ? { after: from } : {}), before: now.toISOString() } };
  return { kind: 'list', ...(root.moved && from ? { childrenSince: from } : {}) };
}

/**
 * Since when a root must be read: the oldest watermark of its family, for what changed since then has
 * not reached every table of it. `runId` only where one run has brought all of them there: then, and
 * only then, is a row that this run saw known to every table.
 */
export function readSince(
  root: Stream,
  streams: readonly Stream[],
  state: PipelineState,
): { at: Date; runId?: string } | undefined {
  const marks = familyOf(root, streams).map(({ name }) => state.watermarks[name]);
  let oldest: { at: Date; runId: string } | undefined;
  for (const mark of marks) {
    if (!mark) return undefined;
    const at = new Date(mark.at);
    if (!oldest || at < oldest.at) oldest = { at, runId: mark.runId };
  }
  if (!oldest) return undefined;
  const { at, runId } = oldest;
  return marks.every((mark) => mark?.runId === runId) ? { at, runId } : { at };
}

export function rootOf(stream: Stream, streams: readonly Stream[]): Stream {
  const parent = streams.find(({ name }) => name === stream.parent?.stream);
  return parent ? rootOf(parent, streams) : stream;
}

/** A stream and all streams below it. */
export function familyOf(root: Stream, streams: readonly Stream[]): Stream[] {
  const children = streams.filter(({ parent }) => parent?.stream === root.name);
  return [root, ...children.flatMap((child) => familyOf(child, streams))];
}
