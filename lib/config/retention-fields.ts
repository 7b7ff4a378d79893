import { z } from 'zod';
import { wholeNumber } from './whole-number.ts';

/** Retention periods that CloudWatch Logs supports, in days. */
const logDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

export const retention = z.strictObject({
  rawDays: wholeNumber(1, 3650)
    .default(30)
    .describe('Days for which the answers of the API are kept unchanged, including personal data.'),
  runDays: wholeNumber(1, 3650).default(30).describe('Days for which plans and receipts of runs are kept.'),
  logDays: z
    .literal(logDays, { error: `has to be one of ${logDays.join(', ')}` })
    .default(90)
    .describe('Days for which the logs of the functions and the access log of the bucket are kept.'),
  // More than the longest run, `runDeadlineHours`, takes.
  historyDays: wholeNumber(14, 36_500)
    .optional()
    .describe(
      'Days for which the history is kept: every version of a row that was read, rejected rows, loaded exports and webhook events. The current tables do not depend on it. Without it, the history is kept for ever.',
    ),
  snapshotDays: wholeNumber(1, 365)
    .default(7)
    .describe('Days for which the current tables can be queried as they were.'),
});
