/** A share of failed or missing items says something about the API only if at least this many were requested. */
export const minItemsForShare = 20;

/**
 * If this many items (parents or ids) fail before any has answered, and the last item of the task fails too, the cause
 * is the API and not the items: the task fails.
 */
export const maxFailuresBeforeFirstAnswer = 3;

/** Code of the failure of an item for which the API always reports a rate limit, although it answers for others. */
export const refusedAloneCode = 'refused_alone';
