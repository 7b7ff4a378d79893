/** How messages are handed to the functions. */

/** How often a message is received before it is a dead letter, and the wait before it is first received again. */
export const maxReceiveCount = 5;
export const retryBaseSeconds = 30;
/** Wait before a run is looked at for the first time. */
export const publishCheckSeconds = 60;
/** Tasks that one function works on beside each other. */
export const extractBatch = 5;
/**
 * A new AWS account runs ten functions at once. These bounds leave room in them for deliveries of webhooks, beside a
 * step of an export, of which there is one message. Two is the least that a mapping takes.
 * Chunks come no faster than the API gives rows, so two conversions keep up; with more refreshes at once a burst of
 * events would become more runs.
 */
export const convertConcurrency = 2;
export const publishConcurrency = 2;
export const refreshConcurrency = 2;
