import { z } from 'zod';

/** What the embedded cloud and the process of a function say to each other. */

export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly traceId: string;
  /** Milliseconds since 1970 at which the function's time is up. */
  readonly deadline: number;
  /** JSON text of the event. */
  readonly payload: string;
}

/** As Lambda reports a function's error. */
const runtimeError = z.object({ errorType: z.string(), errorMessage: z.string(), trace: z.array(z.string()) });
export type RuntimeError = z.infer<typeof runtimeError>;

/** `peakBytes`: the most memory that the process has held so far. `ends`: the process can take nothing more. */
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
