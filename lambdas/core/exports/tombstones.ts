/** Which leads a complete export shows to be deleted at the source. */

export interface LeadVersion {
  readonly id: string;
  /** When we last read the lead. */
  readonly extractedAt: Date;
  /** Set where the newest version is a tombstone. */
  readonly deleted: boolean;
}

export type Sweep =
  | { readonly kind: 'delete'; readonly ids: readonly string[] }
  /** The export says too little, or too much: nothing is deleted until a person has looked. */
  | { readonly kind: 'stop'; readonly reason: string; readonly missing: number; readonly known: number };

/**
 * Compares the leads of the lake with an export of all of them. Only leads that were read before the
 * export began count: one that came later cannot be in it.
 *
 * @param exported ids in the export
 * @param maxShare share of the leads, 0 to 1, that may be missing without a person's approval
 */
export function sweepLeads(
  leads: Iterable<LeadVersion>,
  exported: ReadonlySet<string>,
  options: { startedAt: Date; maxShare: number; approved: boolean },
): Sweep {
  const missing: string[] = [];
  let known = 0;
  for (const { id, extractedAt, deleted } of leads) {
    if (deleted || extractedAt >= options.startedAt) continue;
    known += 1;
    if (!exported.has(id)) missing.push(id);
  }
  const stop = (reason: string): Sweep => ({ kind: 'stop', reason, missing: missing.length, known });
  if (exported.size === 0) return stop('The export holds no lead; an empty file deletes nothing.');
  if (missing.length > known * options.maxShare && !options.approved) {
    const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
    return stop(
      `${missing.length} of ${known} leads (${percent(missing.length / known)}) are missing in the export, more than the ${percent(options.maxShare)} that pass unasked. Look at the source; if they are gone, approve the deletion.`,
    );
  }
  return { kind: 'delete', ids: missing.toSorted() };
}
