import { z } from 'zod';
import { wholeNumber } from './whole-number.ts';

/** What a night reads, and when a row counts as deleted. */

export const reading = z.strictObject({
  lookbackHours: wholeNumber(1, 720)
    .default(24)
    .describe(
      'Leads are asked for by what changed since so long before the last night, since the API may show a change late. Costs one request for each 100 leads that changed in that time, each night.',
    ),
  rereadDays: wholeNumber(1, 365)
    .default(7)
    .describe(
      'All leads are read at least this often, whatever they say about when they changed. Costs one request for each 100 leads each time.',
    ),
  childRereadDays: wholeNumber(1, 365)
    .default(30)
    .describe(
      'The messages, activities and events of every row are read at least this often, an even share each night. Costs one request for each parent and table in that time.',
    ),
  settledDays: wholeNumber(1, 365)
    .default(7)
    .describe(
      'Events and errors of a job, import or run are asked for each night until it has not changed for so long. Costs one request for each of them, each night.',
    ),
});

export const deletions = z.strictObject({
  confirmAfterMinutes: wholeNumber(1, 15)
    .default(15)
    .describe(
      'A row that the API did not give is asked for again after this, and deleted only if it is missing again.',
    ),
  maxDeletedShare: z
    .number('has to be a number from 0 to 1')
    .min(0, 'has to be 0 or more')
    .max(1, 'has to be 1 or less')
    .default(0.05)
    .describe(
      'Share of a table that one reading, or one export, may show as deleted. More than this (and more than 20 rows) waits for `npm run ops -- approve-deletions`.',
    ),
});
