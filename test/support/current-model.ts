/**
 * The expected contents of a current table, as a model that knows nothing of files, batches or commits: one plain
 * record for each row. Times are minutes.
 */

export interface ModelCopy {
  readonly id: string;
  /** Children only. */
  readonly parent?: string;
  /** Content of the row. Two copies with the same content are the same version. */
  readonly says: string;
  readonly updated: number | null;
  readonly asked: number;
}

export interface ModelAnswer {
  /** Time of the question. */
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
  vouched: number;
  /** Questions asked between these times did not find the row. */
  doubt?: { first: number; last: number; run: string };
  /** Time of the latest question that returned another version, which is not the current one. */
  rivalAsked?: number;
}

export class CurrentModel {
  readonly living = new Map<string, Living>();
  /** Deleted rows, with the question that confirmed the deletion. */
  readonly deleted = new Map<string, { at: number; run: string }>();
  /** Ids that the API did not know and that the table never had, with the first and last such question. */
  readonly unknown = new Map<string, { first: number; last: number; run: string }>();
  /** Time of the last complete answer: for the whole list (key undefined) or for the children of a parent. */
  readonly #wholly = new Map<string | undefined, number>();
  readonly #lookback: number;
  readonly #patience: number;

  constructor(lookback: number, patience: number) {
    this.#lookback = lookback;
    this.#patience = patience;
  }

  /**
   * Takes a run's copies, in any order.
   * @param deadParents when each deleted parent was last asked for; its children seen only before that are deleted
   */
  learn(run: string, copies: readonly ModelCopy[], forced: boolean, deadParents = new Map<string, number>()): void {
    for (const copy of copies.toSorted((a, b) => a.asked - b.asked))
      if (copy.asked > (deadParents.get(copy.parent ?? '') ?? Number.NEGATIVE_INFINITY))
        this.#learnCopy(run, copy, forced);
    for (const [id, { copy, vouched }] of this.living) {
      const at = deadParents.get(copy.parent ?? '');
      if (at !== undefined && vouched < at) this.#remove(run, id, at);
    }
  }

  #lastWholly(parent: string | undefined): number {
    return this.#wholly.get(parent) ?? Number.NEGATIVE_INFINITY;
  }

  #learnCopy(run: string, copy: ModelCopy, forced: boolean): void {
    const deletion = this.deleted.get(copy.id);
    if (deletion && copy.asked <= deletion.at) return;
    const row = this.living.get(copy.id);
    if (!row) return this.#appear(run, copy);
    const isSameVersion = row.copy.says === copy.says;
    let isSeenAgain = false;
    if (row.doubt && copy.asked > row.doubt.first) {
      if (copy.asked > row.doubt.last) delete row.doubt;
      else row.doubt.first = row.doubt.last;
      isSeenAgain = isSameVersion;
    }
    if (isSameVersion && row.rivalAsked !== undefined && copy.asked > row.rivalAsked) {
      delete row.rivalAsked;
      isSeenAgain = true;
    }
    if (isSameVersion) {
      if (isSeenAgain) row.vouched = Math.max(row.vouched, copy.asked);
    } else if (this.#wins(copy, row, forced)) {
      const before = row.vouched;
      row.copy = copy;
      row.vouched = copy.asked;
      const rival = Math.max(before, row.rivalAsked ?? before);
      delete row.rivalAsked;
      if (copy.asked < rival) row.rivalAsked = rival;
    } else if (copy.asked > row.vouched) {
      row.rivalAsked = Math.max(copy.asked, row.rivalAsked ?? copy.asked);
    }
  }

  #appear(run: string, copy: ModelCopy): void {
    const row: Living = { copy, vouched: copy.asked };
    const whole = this.#lastWholly(copy.parent);
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
    const isNear = Math.abs(copy.asked - row.vouched) <= this.#lookback;
    if (!forced && isNear && mine !== null && theirs !== null && mine !== theirs) return mine > theirs;
    if (copy.asked !== row.vouched) return copy.asked > row.vouched;
    return copy.says > row.copy.says;
  }

  /** @returns false if the answer is not believed because it would empty the table */
  answer(
    run: string,
    { asked, kind, unknown, parents }: ModelAnswer,
    given: readonly ModelCopy[],
    approved: boolean,
  ): boolean {
    const said = new Map(given.map((copy) => [copy.id, new Set<string>()]));
    for (const copy of given) said.get(copy.id)?.add(copy.says);
    const isAsked = (id: string, { copy: { parent } }: Living) =>
      kind === 'by id' ? unknown.includes(id) : parent === undefined || parents.includes(parent);
    const isStale = kind === 'whole list' && asked <= this.#lastWholly(undefined);
    const missing = [...this.living].filter(
      ([id, row]) => !isStale && isAsked(id, row) && !said.has(id) && row.vouched < asked,
    );
    if (kind === 'whole list' && given.length === 0 && missing.length > 0 && !approved) return false;
    for (const [id, row] of missing) {
      const isSure = row.doubt && asked >= row.doubt.first + this.#patience && kind !== 'whole list';
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
      const isThisVersion = row && versions.has(row.copy.says) && row.rivalAsked === undefined && !row.doubt;
      if (isThisVersion) row.vouched = Math.max(row.vouched, asked);
    }
    for (const whole of kind === 'whole list' ? [undefined] : parents)
      this.#wholly.set(whole, Math.max(this.#lastWholly(whole), asked));
    return true;
  }

  #remove(run: string, id: string, at: number): void {
    this.living.delete(id);
    this.deleted.set(id, { at, run });
  }
}
