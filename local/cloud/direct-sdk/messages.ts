/** The messages between a function's thread and the embedded cloud about one call of an AWS service. */

import { z } from 'zod';

const directService = z.enum(['s3', 'sqs', 'secretsmanager', 'events']);
export type DirectService = z.infer<typeof directService>;

export const directCall = z.object({
  type: z.literal('call'),
  /** Number of the call in its thread. */
  call: z.number(),
  service: directService,
  /** The SDK's name, such as `PutObject`. */
  operation: z.string(),
  input: z.unknown(),
});
export type DirectCall = z.infer<typeof directCall>;

export interface DirectError {
  /** The service's code, such as `NoSuchKey`. */
  readonly name: string;
  readonly message: string;
  /** The HTTP status that the SDK would report. */
  readonly status: number;
}

export interface DirectAnswer {
  readonly type: 'answer';
  readonly call: number;
  readonly output?: unknown;
  readonly error?: DirectError;
}
