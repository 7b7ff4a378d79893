/**
 * The work of a rewrite that is under way. Each lot of objects is written down before it is changed. So a process that
 * takes over knows what was counted already, and which files may have wrong receipts.
 */

import { z } from 'zod';
import { rewriteWorkKey } from '../../contract/object-keys.ts';
import { count, instant, streamName } from '../../contract/run.ts';
import type { ObjectStore } from '../ports.ts';
import { readJson, writeJson } from '../store/stored-json.ts';

const counts = z.object({ objects: count, removed: count, changed: count });
export type Counts = z.infer<typeof counts>;

const lotEntry = z.object({ key: z.string(), place: z.string(), removed: count, changed: count });
export type LotEntry = z.infer<typeof lotEntry>;

/** Adds the counts of further objects to the counts by folder and table. */
export function addCounts(
  counts: Readonly<Record<string, Counts>>,
  entries: readonly LotEntry[],
): Record<string, Counts> {
  const sums = { ...counts };
  for (const { place, removed, changed } of entries) {
    const before = sums[place] ?? { objects: 0, removed: 0, changed: 0 };
    sums[place] = {
      objects: before.objects + 1,
      removed: before.removed + removed,
      changed: before.changed + changed,
    };
  }
  return sums;
}

const persons = z.object({
  subjects: z.array(z.object({ stream: streamName, id: z.string() })).readonly(),
  addresses: z.array(z.string()).readonly(),
});

export const work = z.object({
  /** Id of the rewrite, which is also in the key of its receipt. */
  id: z.string(),
  command: z.enum(['forget', 'rehash']),
  startedAt: instant,
  /** Whom to forget. Only this object names them, and only until the work is done. */
  persons: persons.optional(),
  /** Objects that are being changed now. */
  lot: z.array(lotEntry),
  /** What was changed so far, by folder and table. */
  done: z.record(z.string(), counts),
});
export type Work = z.infer<typeof work>;

export function readWork(store: Pick<ObjectStore, 'get'>): Promise<{ value: Work; etag: string } | undefined> {
  return readJson(store, rewriteWorkKey, work);
}

/** Thrown if another process works on the same rewrite. */
class WorkTakenError extends Error {
  constructor() {
    super('Another process works on this at the same time, and goes on with it.');
    this.name = 'WorkTakenError';
  }
}

/** The stored work, which this process changes step by step. */
export class WorkLog {
  readonly #store: ObjectStore;
  #etag: string;
  #value: Work;

  private constructor(store: ObjectStore, value: Work, etag: string) {
    this.#store = store;
    this.#value = value;
    this.#etag = etag;
  }

  /** Continues the stored work. If there is none, begins the given work. */
  static async open(store: ObjectStore, fresh: Work): Promise<WorkLog> {
    await writeJson(store, rewriteWorkKey, fresh, { ifAbsent: true });
    const stored = await readWork(store);
    if (!stored) throw new WorkTakenError();
    return new WorkLog(store, stored.value, stored.etag);
  }

  get value(): Work {
    return this.#value;
  }

  /** @throws WorkTakenError if another process changed the work */
  async write(changes: Partial<Work>): Promise<void> {
    const after = { ...this.#value, ...changes };
    if (!(await writeJson(this.#store, rewriteWorkKey, after, { ifMatch: this.#etag }))) throw new WorkTakenError();
    const stored = await readWork(this.#store);
    if (!stored) throw new WorkTakenError();
    this.#value = stored.value;
    this.#etag = stored.etag;
  }

  /** Counts the lot as done. */
  async finishLot(): Promise<void> {
    const { lot } = this.#value;
    if (lot.length === 0) return;
    await this.write({ lot: [], done: addCounts(this.#value.done, lot) });
  }

  async end(): Promise<void> {
    await this.#store.delete(rewriteWorkKey);
  }
}
