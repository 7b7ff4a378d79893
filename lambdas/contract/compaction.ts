import { z } from 'zod';

/** How the small files of an old day become one: core/publish/compact-tables.ts, docs/adr/0006. */

/**
 * Days after which a partition may be compacted. A run lasts ten days at most (`runDeadlineHours`), and SQS keeps
 * a message for 14: later, none can have a file of the partition written again.
 */
export const settledDays = 25;

/** Bytes of files that become one. Their rows are in memory at once. */
export const compactedBytes = 4_000_000;

/** A lease: who has written it is alone at compacting for an hour from `at`. */
export const compaction = z.object({
  at: z.iso.datetime(),
  /** Files that the target replaces, where it is there; where it is not, nothing has happened. */
  replacing: z.object({ target: z.string(), sources: z.array(z.string()) }).nullable(),
});
export type Compaction = z.infer<typeof compaction>;
