/** Retention times that do not depend on the configuration. */

/** Days for which the bucket keeps overwritten and deleted objects, which can be restored until then. */
export const undoDays = 14;
/** Days for which a queue keeps a message at most. */
export const messageDays = 14;
/**
 * Days for which no list may have shown a forgotten row before its digest is released: as long as an old message can
 * bring the row back. A dead letter that is replayed on its last day lives as long again.
 */
export const forgottenDays = 2 * messageDays;
