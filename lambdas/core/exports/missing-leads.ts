/** Finds the leads that a complete export should contain but does not. */

export interface KnownLead {
  readonly id: string;
  /** When the current row was requested from the API. */
  readonly readAt: Date;
}

export type Missing =
  | { readonly kind: 'ask'; readonly ids: readonly string[] }
  /** Nothing is deleted until a person has checked: the export is empty, or lacks too many leads. */
  | { readonly kind: 'stop'; readonly reason: string; readonly missing: number; readonly known: number };

/** Up to this many leads may be missing, whatever their share. */
const alwaysAllowedMissing = 20;

/**
 * Compares the leads of the lake with an export of all leads, and says which leads to ask the API for, or why to stop.
 * Only leads that were read before the export began count: a later lead cannot be in the export.
 *
 * @param exported ids in the export
 * @param maxShare share of the leads, 0 to 1, that may be missing without a person's approval
 */
export function missingLeads(
  leads: readonly KnownLead[],
  exported: ReadonlySet<string>,
  options: { startedAt: Date; maxShare: number; approved: boolean },
): Missing {
  const known = leads.filter(({ readAt }) => readAt < options.startedAt);
  const missing = known.filter(({ id }) => !exported.has(id));
  const stop = (reason: string): Missing => ({
    kind: 'stop',
    reason,
    missing: missing.length,
    known: known.length,
  });
  if (exported.size === 0) return stop('The export holds no lead; an empty file deletes nothing.');
  const isMuch = missing.length > alwaysAllowedMissing && missing.length > known.length * options.maxShare;
  if (isMuch && !options.approved) {
    const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
    return stop(
      `${missing.length} of ${known.length} leads (${percent(missing.length / known.length)}) are missing from the export, more than the limit of ${percent(options.maxShare)}. Check them in ProspectB2B; if they were deleted there, approve the deletion.`,
    );
  }
  return { kind: 'ask', ids: missing.map(({ id }) => id).toSorted() };
}
