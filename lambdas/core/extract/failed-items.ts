import { failureOf, PipelineError, RateLimitedError } from '../errors.ts';
import type { Position } from '../rows/chunk-log.ts';
import { formatOutcome } from '../rows/raw-line.ts';
import { maxFailuresBeforeFirstAnswer } from '../runs/item-bounds.ts';
import type { Page } from './read-list.ts';

/**
 * If this many items (parents or ids) in a row fail with a transient error, and so does the last item of the task, the
 * cause is the API and not the items: the task is retried later.
 */
const maxTransientInARow = 3;

/** True if an error concerns every request, such as a refused key or a rate limit. */
export function isOfAll(error: unknown): boolean {
  if (error instanceof RateLimitedError) return !error.isOutage;
  return !(error instanceof PipelineError) || error.disposition === 'fatal';
}

/**
 * Items (parents or ids) that failed since the last one that answered. They are reported only after another item has
 * answered: until then, the API may be the cause.
 */
export class Failures {
  #lines: string[] = [];
  #following: Position | undefined;
  #passing = 0;
  #hasAnswered: boolean;
  #first: unknown;

  constructor(hasAnswered: boolean) {
    this.#hasAnswered = hasAnswered;
  }

  /**
   * Records that an item failed.
   * @returns true if so many failed that the items may not be the cause
   * @throws PipelineError if the error concerns every request
   */
  add(item: string, error: unknown, following: Position): boolean {
    if (!(error instanceof PipelineError) || isOfAll(error)) throw error;
    this.#first ??= error;
    this.#passing = error.disposition === 'transient' ? this.#passing + 1 : 0;
    this.#lines.push(formatOutcome({ item, failure: failureOf(error) }));
    this.#following = following;
    if (this.#passing >= maxTransientInARow) return true;
    return !this.#hasAnswered && this.#lines.length >= maxFailuresBeforeFirstAnswer;
  }

  /** Called when the last item, requested as a test, has answered: the API works, so the failed items are the cause. */
  blameItems(): void {
    [this.#passing, this.#hasAnswered] = [0, true];
  }

  /** Called when an item has answered: adds the items that failed before it to its page. */
  prependTo(page: Page): Page {
    const lines = this.#lines.length === 0 ? page.lines : [...this.#lines, ...page.lines];
    [this.#lines, this.#passing, this.#hasAnswered] = [[], 0, true];
    return { ...page, lines };
  }

  /**
   * The failed items that no page has reported yet, as a last page.
   * @throws PipelineError if no item has answered
   */
  rest(): Page | undefined {
    if (this.#lines.length === 0 || !this.#following) return undefined;
    if (!this.#hasAnswered) throw this.#first;
    return { lines: this.#lines, next: this.#following };
  }
}
