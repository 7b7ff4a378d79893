/** The messages between the embedded cloud and a function's process. */

import { z } from 'zod';

export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly traceId: string;
  /** When the function times out, in milliseconds since 1970. */
  readonly deadline: number;
  /** JSON text of the event. */
  readonly payload: string;
}

/** An error of a function, as Lambda reports it. */
const runtimeError = z.object({ errorType: z.string(), errorMessage: z.string(), trace: z.array(z.string()) });
export type RuntimeError = z.infer<typeof runtimeError>;

/**
 * Answer of a function's process to an invocation. `peakBytes`: the peak memory of the process so far. `ends`: the
 * process can take no further invocation.
 */
export const runtimeAnswer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('succeeded'), payload: z.string(), peakBytes: z.number() }),
  z.object({
    type: z.literal('failed'),
    error: runtimeError,
    peakBytes: z.number().default(0),
    ends: z.boolean().default(false),
  }),
]);
export type RuntimeAnswer = z.infer<typeof runtimeAnswer>;

/** What a function's process reports besides its answers: its requests to the API since the last report. */
export const requestReport = z.object({
  type: z.literal('requests'),
  /** Number of answers by status; 0 stands for a request without an answer. */
  answers: z.record(z.string(), z.number()),
});
export type RequestReport = z.infer<typeof requestReport>;
