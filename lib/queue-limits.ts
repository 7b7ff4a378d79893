/** How messages are delivered to the functions. */

/** How often a message is received before it moves to the dead-letter queue, and the wait before the first retry. */
export const maxReceiveCount = 5;
export const retryBaseSeconds = 30;
/** Wait before publish checks a run for the first time. */
export const publishCheckSeconds = 60;
/** Tasks per batch of the extract function, which works on them concurrently. */
export const extractBatchSize = 5;
/**
 * A new AWS account runs ten functions at once. These limits leave room for webhook deliveries and for a step of an
 * export, of which there is one message. Two is the minimum of a mapping. Two conversions keep up because chunks arrive
 * no faster than the API returns rows. More concurrent refreshes would split a burst of events into more runs.
 */
export const convertConcurrency = 2;
export const publishConcurrency = 2;
export const refreshConcurrency = 2;
