/** How long the bucket and the queues keep what is replaced or deleted, where it does not depend on the configuration. */

/** Days for which the bucket keeps overwritten and deleted objects, which can be restored until then. */
export const undoDays = 14;
/** Days for which a queue keeps a message at most. */
export const messageDays = 14;
