/** The messages between the embedded cloud and the thread that all functions share. */

import { z } from 'zod';
import { directCall } from '../direct-sdk/messages.ts';
import { type Invocation, requestReport, runtimeAnswer } from './runtime-messages.ts';

/** Name of the bundle of common-code.ts, beside those of the functions. */
export const commonCode = 'common-code';

/** Loads code, starts an execution environment of a function, runs one invocation in it, or ends the thread. */
export type SharedRequest =
  | { readonly type: 'load'; readonly file: string }
  | { readonly type: 'start'; readonly id: string; readonly file: string; readonly environment: NodeJS.ProcessEnv }
  | { readonly type: 'invoke'; readonly id: string; readonly invocation: Invocation }
  | { readonly type: 'end' };

/**
 * What the shared thread tells the cloud: a line that a function logged, the result of an invocation, or how many
 * requests were sent to the API. `id` names the execution environment. Or it calls an AWS service.
 */
export const sharedReply = z.union([
  directCall,
  z.object({ id: z.string(), line: z.string() }),
  z.object({ id: z.string(), answer: runtimeAnswer }),
  z.object({ id: z.string(), requests: requestReport }),
]);
export type SharedReply = z.infer<typeof sharedReply>;
