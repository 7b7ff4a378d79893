/** The lines with which the functions log that something is tried again. `npm start` shows them as they come. */

import { z } from 'zod';

export const retryMessages = { request: 'The API is asked again.', message: 'The message failed.' } as const;

/** `wait` is in milliseconds. A message that is given up has none, and does not fit. */
export const retryLine = z.union([
  z.object({ message: z.literal(retryMessages.request), wait: z.number(), reason: z.string() }),
  z
    .object({
      message: z.literal(retryMessages.message),
      wait: z.number(),
      failure: z.object({ message: z.string() }),
    })
    .transform(({ wait, failure }) => ({ wait, reason: failure.message })),
]);
