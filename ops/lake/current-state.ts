/**
 * The current rows of a table among all copies that were ever read, by the rule of the view
 * (lambdas/streams/views.ts), in any order of the copies and with what the rule needs of them alone.
 */

export interface Copy {
  /** The source's time of the last change, in milliseconds since the epoch; null where it told none. */
  readonly updatedAt: number | null;
  readonly extractedAt: number;
  readonly runId: string;
}

/** A copy that may still turn out to be the current one, and the next such of its row. */
interface Candidate<C> {
  readonly copy: C;
  readonly next: Candidate<C> | undefined;
}

export class CurrentState<C extends Copy> {
  /**
   * Of each row the copies of which no other is newer and was read no earlier: whichever tombstone comes up,
   * the current copy is among them. Nearly always that is one.
   */
  readonly #candidates = new Map<string, Candidate<C>>();
  readonly #goneAt = new Map<string, number>();

  add(key: string, copy: C): void {
    let kept: Candidate<C> | undefined;
    for (let each = this.#candidates.get(key); each; each = each.next) {
      if (makesNeedless(each.copy, copy)) return;
      if (!makesNeedless(copy, each.copy)) kept = { copy: each.copy, next: kept };
    }
    this.#candidates.set(key, { copy, next: kept });
  }

  bury(key: string, deletedAt: number): void {
    this.#goneAt.set(key, Math.max(deletedAt, this.#goneAt.get(key) ?? deletedAt));
  }

  /** The current copy of each row that is there, and when a living copy of it was last read. */
  *rows(): Generator<{ readonly key: string; readonly copy: C; readonly lastReadAt: number }> {
    for (const [key, first] of this.#candidates) {
      const goneAt = this.#goneAt.get(key) ?? Number.NEGATIVE_INFINITY;
      let newest: C | undefined;
      let lastReadAt = goneAt;
      for (let each: Candidate<C> | undefined = first; each; each = each.next) {
        if (each.copy.extractedAt < goneAt) continue;
        lastReadAt = Math.max(lastReadAt, each.copy.extractedAt);
        if (!newest || isNewer(each.copy, newest)) newest = each.copy;
      }
      if (newest) yield { key, copy: newest, lastReadAt };
    }
  }
}

function makesNeedless(one: Copy, other: Copy): boolean {
  return !isNewer(other, one) && one.extractedAt >= other.extractedAt;
}

function isNewer(one: Copy, other: Copy): boolean {
  if (one.updatedAt !== other.updatedAt)
    return one.updatedAt !== null && (other.updatedAt === null || one.updatedAt > other.updatedAt);
  if (one.extractedAt !== other.extractedAt) return one.extractedAt > other.extractedAt;
  return one.runId > other.runId;
}
