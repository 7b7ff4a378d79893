import { z } from 'zod';
import { wholeNumber } from './whole-number.ts';

/** What a night reads, and when a row counts as deleted. */

export const reading = z.strictObject({
  lookbackHours: wholeNumber(1, 720)
    .default(24)
    .describe(
      'Each night asks for the leads that changed since this many hours before the previous night, because the API may show a change late. Costs one request for each 100 leads that changed in that time, each night.',
    ),
  rereadDays: wholeNumber(1, 365)
    .default(7)
    .describe(
      'All leads are read at least this often, even if their time of change is old. Costs one request for each 100 leads each time.',
    ),
  childRereadDays: wholeNumber(1, 365)
    .default(30)
    .describe(
      'The messages, activities and events of every row are read at least this often, an equal share each night. Costs one request for each parent and table in that time.',
    ),
  settledDays: wholeNumber(1, 365)
    .default(7)
    .describe(
      'The events and errors of a job, import or run are read each night until it has not changed for this many days. Costs one request for each of them, each night.',
    ),
});

export const deletions = z.strictObject({
  confirmAfterMinutes: wholeNumber(1, 15)
    .default(15)
    .describe(
      'A row that the API did not give is asked for again after this many minutes. It is deleted only if it is missing again.',
    ),
  maxDeletedShare: z
    .number('has to be a number from 0 to 1')
    .min(0, 'has to be 0 or more')
    .max(1, 'has to be 1 or less')
    .default(0.05)
    .describe(
      'Share of a table that one reading or one export may delete without approval. If more rows than this (and more than 20) are missing, none is deleted until you run `npx prospect-lake ops approve-deletions`.',
    ),
});
