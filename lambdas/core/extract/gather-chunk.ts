import { PipelineError } from '../errors.ts';
import type { Deadline } from '../ports.ts';
import type { Position } from '../rows/chunk-log.ts';
import { PackedLines } from '../rows/packed-lines.ts';
import type { Page } from './read-list.ts';

/** A chunk ends with the page that reaches one of these limits. */
const maxRows = 10_000;
const maxBytes = 16 * 1024 * 1024;
/** Time kept for storing a chunk and sending its messages before the function is stopped. */
const reserveMilliseconds = 20_000;

/** Lines of the next chunk, and why it ends after them. */
export interface Gathered {
  readonly lines: PackedLines;
  /** The position after the last of these rows. */
  readonly position: Position;
  /** Why the chunk ends; an error if reading stopped at one. The lines before the error are kept. */
  readonly end: 'full' | 'finished' | 'time' | 'deadline' | PipelineError;
}

/**
 * Takes pages until the chunk is full, no pages are left, time is short, the run is past its deadline, or the API
 * fails. Remaining pages go into the next chunk.
 */
export async function gatherChunk(
  pages: AsyncIterator<Page, unknown>,
  from: Position,
  { deadline, isOverdue }: { deadline: Deadline; isOverdue: () => boolean },
): Promise<Gathered> {
  const lines = new PackedLines();
  let position = from;
  const gathered = (end: Gathered['end']): Gathered => ({ lines, position, end });
  try {
    for (;;) {
      if (isOverdue()) return gathered('deadline');
      const page = await pages.next();
      if (page.done) return gathered('finished');
      for (const line of page.value.lines) lines.add(line);
      position = page.value.next;
      if (lines.rows >= maxRows || lines.bytes >= maxBytes) return gathered('full');
      if (deadline.remainingMilliseconds() < reserveMilliseconds) return gathered('time');
    }
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return gathered(error);
  }
}
