/** How messages are delivered to the functions. */

/** How often a message is received before it moves to the dead-letter queue, and the wait before the first retry. */
export const maxReceiveCount = 5;
export const retryBaseSeconds = 30;
/** Wait before publish checks a run for the first time. */
export const publishCheckSeconds = 60;
/** Tasks per batch of the extract function, which works on them concurrently. */
export const extractBatchSize = 5;
/**
 * Maximum concurrent invocations. A new AWS account runs at most ten at once; these limits leave room for the webhook
 * receiver and the export function. Two is the lowest limit that Lambda allows for a queue. Two conversions keep up
 * because chunks arrive no faster than the API returns rows. More concurrent refreshes would split a burst of events
 * into more runs.
 */
export const convertConcurrency = 2;
export const publishConcurrency = 2;
export const refreshConcurrency = 2;
