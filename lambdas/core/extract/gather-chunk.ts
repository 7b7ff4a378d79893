import { PipelineError } from '../errors.ts';
import { type Page, type Reading, readPages } from './pages.ts';
import type { Position } from '../rows/chunk-log.ts';
import { sortLines, type Sorting } from './select-new-rows.ts';
import type { SeenRows } from './seen-rows.ts';

/** A chunk ends with the page that reaches one of these. */
const maxRows = 10_000;
const maxBytes = 16 * 1024 * 1024;
/** Time that landing a chunk and sending its messages is given before the function is stopped. */
const reserveMilliseconds = 20_000;

/** Rows for the next chunk, and why it ends here. */
export interface Gathered {
  readonly lines: readonly string[];
  readonly parents: readonly string[];
  readonly gone: number;
  readonly unchanged: number;
  readonly recent: number;
  /** Where reading goes on. */
  readonly position: Position;
  /** Whether any page was read. */
  readonly moved: boolean;
  /** The error, where reading stopped at one: what came before it is kept all the same. */
  readonly end: 'full' | 'finished' | 'time' | PipelineError;
}

/** Reads pages until the chunk is full, the selection ends, time is short, or the API fails. */
export async function gatherChunk(
  reading: Reading & { sorting: Sorting; recent: SeenRows },
  from: Position,
): Promise<Gathered> {
  const lines: string[] = [];
  const parents = new Set<string>();
  const sums = { gone: 0, unchanged: 0, recent: 0 };
  let bytes = 0;
  let position = from;
  const gathered = (end: Gathered['end']): Gathered => ({
    lines,
    parents: [...parents],
    ...sums,
    position,
    moved: position !== from,
    end,
  });

  const take = (page: Page) => {
    const sorted = sortLines(reading.sorting, page.lines, reading.recent);
    for (const line of sorted.lines) {
      lines.push(line);
      bytes += Buffer.byteLength(line) + 1;
    }
    for (const parent of sorted.parents) parents.add(parent);
    sums.gone += page.gone;
    sums.unchanged += sorted.unchanged;
    sums.recent += sorted.recent;
    position = page.next;
  };

  try {
    for await (const page of readPages(reading, from)) {
      take(page);
      if (lines.length >= maxRows || bytes >= maxBytes) return gathered('full');
      if (reading.deadline.remainingMilliseconds() < reserveMilliseconds) return gathered('time');
    }
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return gathered(error);
  }
  return gathered('finished');
}
