/**
 * The expected contents of a current table, as a model that knows nothing of files, batches or commits: one plain
 * record for each row. Times are minutes.
 */

export interface ModelCopy {
  readonly id: string;
  /** Id of the parent; only for children. */
  readonly parent?: string;
  /** Content of the row. Two copies with the same content are the same version. */
  readonly content: string;
  readonly updated: number | null;
  readonly asked: number;
}

export interface ModelAnswer {
  /** Time of the request to the API. */
  readonly asked: number;
  readonly kind: 'whole list' | 'by id' | 'children';
  /** By id only: ids that the API did not know. */
  readonly unknown: readonly string[];
  /** Children only: the parents that were asked about. */
  readonly parents: readonly string[];
}

interface Living {
  copy: ModelCopy;
  /** Last time at which the API is known to have returned this version. */
  confirmedAt: number;
  /** Times of the first and last request that did not find the row, and the run of the first. */
  doubt?: { first: number; last: number; run: string };
  /** Time of the latest request that returned a version other than the current one. */
  rivalAskedAt?: number;
}

export class CurrentModel {
  readonly living = new Map<string, Living>();
  /** Deleted rows by id, with the time and run of the request that confirmed the deletion. */
  readonly deleted = new Map<string, { at: number; run: string }>();
  /** Ids that the API did not know and the table never had, with the times of the first and last such answer. */
  readonly unknown = new Map<string, { first: number; last: number; run: string }>();
  /** Time of the last complete answer: for the whole list (key undefined) or for the children of a parent. */
  readonly #lastCompleteAt = new Map<string | undefined, number>();
  readonly #lookback: number;
  readonly #confirmAfterMinutes: number;

  constructor(lookback: number, confirmAfterMinutes: number) {
    this.#lookback = lookback;
    this.#confirmAfterMinutes = confirmAfterMinutes;
  }

  /**
   * Updates the rows with a run's copies, which may be in any order.
   * @param deletedParents time of the last request for each deleted parent; children last seen before it are deleted
   */
  learn(run: string, copies: readonly ModelCopy[], forced: boolean, deletedParents = new Map<string, number>()): void {
    for (const copy of copies.toSorted((a, b) => a.asked - b.asked))
      if (copy.asked > (deletedParents.get(copy.parent ?? '') ?? Number.NEGATIVE_INFINITY))
        this.#learnCopy(run, copy, forced);
    for (const [id, { copy, confirmedAt }] of this.living) {
      const at = deletedParents.get(copy.parent ?? '');
      if (at !== undefined && confirmedAt < at) this.#remove(run, id, at);
    }
  }

  #lastCompleteOf(parent: string | undefined): number {
    return this.#lastCompleteAt.get(parent) ?? Number.NEGATIVE_INFINITY;
  }

  #learnCopy(run: string, copy: ModelCopy, forced: boolean): void {
    const deletion = this.deleted.get(copy.id);
    if (deletion && copy.asked <= deletion.at) return;
    const row = this.living.get(copy.id);
    if (!row) return this.#appear(run, copy);
    const isSameVersion = row.copy.content === copy.content;
    let isSeenAgain = false;
    if (row.doubt && copy.asked > row.doubt.first) {
      if (copy.asked > row.doubt.last) delete row.doubt;
      else row.doubt.first = row.doubt.last;
      isSeenAgain = isSameVersion;
    }
    if (isSameVersion && row.rivalAskedAt !== undefined && copy.asked > row.rivalAskedAt) {
      delete row.rivalAskedAt;
      isSeenAgain = true;
    }
    if (isSameVersion) {
      if (isSeenAgain) row.confirmedAt = Math.max(row.confirmedAt, copy.asked);
    } else if (this.#wins(copy, row, forced)) {
      const before = row.confirmedAt;
      row.copy = copy;
      row.confirmedAt = copy.asked;
      const rival = Math.max(before, row.rivalAskedAt ?? before);
      delete row.rivalAskedAt;
      if (copy.asked < rival) row.rivalAskedAt = rival;
    } else if (copy.asked > row.confirmedAt) {
      row.rivalAskedAt = Math.max(copy.asked, row.rivalAskedAt ?? copy.asked);
    }
  }

  #appear(run: string, copy: ModelCopy): void {
    const row: Living = { copy, confirmedAt: copy.asked };
    const whole = this.#lastCompleteOf(copy.parent);
    const unknown = this.unknown.get(copy.id);
    this.unknown.delete(copy.id);
    const isLate = copy.asked < whole;
    if (unknown && copy.asked <= unknown.last) {
      row.doubt = { ...unknown, first: copy.asked > unknown.first ? unknown.last : unknown.first };
      if (isLate) row.doubt.last = Math.max(row.doubt.last, whole);
    } else if (isLate) {
      row.doubt = { first: whole, last: whole, run };
    }
    this.deleted.delete(copy.id);
    this.living.set(copy.id, row);
  }

  #wins(copy: ModelCopy, row: Living, forced: boolean): boolean {
    const [mine, theirs] = [copy.updated, row.copy.updated];
    const isNear = Math.abs(copy.asked - row.confirmedAt) <= this.#lookback;
    if (!forced && isNear && mine !== null && theirs !== null && mine !== theirs) return mine > theirs;
    if (copy.asked !== row.confirmedAt) return copy.asked > row.confirmedAt;
    return copy.content > row.copy.content;
  }

  /** Applies a complete answer of the API. @returns false if the answer is ignored because it would empty the table */
  answer(
    run: string,
    { asked, kind, unknown, parents }: ModelAnswer,
    given: readonly ModelCopy[],
    approved: boolean,
  ): boolean {
    const said = new Map(given.map((copy) => [copy.id, new Set<string>()]));
    for (const copy of given) said.get(copy.id)?.add(copy.content);
    const isAsked = (id: string, { copy: { parent } }: Living) =>
      kind === 'by id' ? unknown.includes(id) : parent === undefined || parents.includes(parent);
    const isStale = kind === 'whole list' && asked <= this.#lastCompleteOf(undefined);
    const missing = [...this.living].filter(
      ([id, row]) => !isStale && isAsked(id, row) && !said.has(id) && row.confirmedAt < asked,
    );
    if (kind === 'whole list' && given.length === 0 && missing.length > 0 && !approved) return false;
    for (const [id, row] of missing) {
      const isSure = row.doubt && asked >= row.doubt.first + this.#confirmAfterMinutes && kind !== 'whole list';
      if (isSure || approved) this.#remove(run, id, asked);
      else if (row.doubt) row.doubt.last = Math.max(row.doubt.last, asked);
      else row.doubt = { first: asked, last: asked, run };
    }
    for (const id of unknown) {
      if (this.living.has(id) || missing.some(([one]) => one === id)) continue;
      const known = this.unknown.get(id);
      this.unknown.set(
        id,
        known ? { ...known, last: Math.max(known.last, asked) } : { first: asked, last: asked, run },
      );
    }
    for (const [id, versions] of said) {
      const row = this.living.get(id);
      if (kind === 'children' && !parents.includes(row?.copy.parent ?? '')) continue;
      const isThisVersion = row && versions.has(row.copy.content) && row.rivalAskedAt === undefined && !row.doubt;
      if (isThisVersion) row.confirmedAt = Math.max(row.confirmedAt, asked);
    }
    for (const whole of kind === 'whole list' ? [undefined] : parents)
      this.#lastCompleteAt.set(whole, Math.max(this.#lastCompleteOf(whole), asked));
    return true;
  }

  #remove(run: string, id: string, at: number): void {
    this.living.delete(id);
    this.deleted.set(id, { at, run });
  }
}
