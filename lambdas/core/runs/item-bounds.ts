/** A share of failed or missing items says something about the API only if at least this many were requested. */
export const minItemsForShare = 20;

/**
 * If this many items fail before any has answered, and the last item of the task does too, the items are not the cause:
 * the task fails.
 */
export const maxFailuresBeforeFirstAnswer = 3;
