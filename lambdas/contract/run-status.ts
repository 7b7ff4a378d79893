import { z } from 'zod';

/**
 * How a run, or one of its tables, ended. For each table that is not complete, the report says why.
 *
 * - `complete`: all rows that were due are there.
 * - `partial`: a table lacks some of them; of a run, at least one table is not complete.
 * - `failed`: a table has none of them, or too few to trust; a run was aborted, or all its tables failed.
 *
 * `core/publish/run-report.ts` decides which.
 */
export const runStatus = z.enum(['complete', 'partial', 'failed']);
export type RunStatus = z.infer<typeof runStatus>;
