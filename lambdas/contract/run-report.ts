/** How a run ended: what publish writes when it is over. */

import { z } from 'zod';
import { emptyColumn, fillingColumn } from './custom-columns.ts';
import { schemaChange } from './schema-changes.ts';
import { problemNames } from './problems.ts';
import { runStatus } from './run-status.ts';
import { unfitColumn } from './unfit-columns.ts';
import { failure, instant, rateLimits, runId, runKind, sentRequests, streamName } from './run.ts';
import { formerColumn } from './written-columns.ts';

export const tableReport = z.object({
  status: runStatus,
  rowsExtracted: z.number().int(),
  rowsWritten: z.number().int(),
  rowsRejected: z.number().int(),
  /** Rejected rows for which the API gives no key, so that no version can read them. Absent if there are none. */
  rowsKeyless: z.number().int().optional(),
  /** Rows that the current table already has, byte for byte. */
  rowsUnchanged: z.number().int(),
  /** Rows of the current table that this run added or changed. */
  rowsChanged: z.number().int(),
  /** Changed rows that were found only because everything was read again: earlier readings had missed the change. */
  rowsHealed: z.number().int(),
  rowsDeleted: z.number().int(),
  /** Rows that the API should have returned but did not. They are asked for again before they are deleted. */
  rowsSuspected: z.number().int(),
  /** Parents or ids that answered 404 or 410. */
  missing: z.number().int(),
  /** Parents or ids that failed while others succeeded. The next run asks for them again. */
  itemsFailed: z.number().int(),
  files: z.number().int(),
  bytes: z.number().int(),
  requests: z.number().int(),
  retries: z.number().int(),
  error: failure.nullable(),
  notes: z.array(z.string()),
});
export type TableReport = z.infer<typeof tableReport>;

/** What a run found of rows that were forgotten. Absent if none are remembered. */
export const forgottenReport = z.object({
  /** Remembered rows that the API still gives, as far as anything shows: delete them at the vendor. */
  stillGiven: z.number().int(),
  /** How many of them no run has been given since they were forgotten. Absent if there are none. */
  unseen: z.number().int().optional(),
  /** Their tables. Absent if there are none. */
  stillGivenIn: z.array(streamName).optional(),
  /** Rows whose deletion at the vendor is confirmed: their digests were removed in this run. */
  released: z.number().int(),
  /** Rows that stay remembered. */
  remembered: z.number().int(),
});
export type ForgottenReport = z.infer<typeof forgottenReport>;

/** A problem that an earlier report of the same run had, the tables that are complete now, and since when. */
export const solvedProblem = z.object({ problem: z.enum(problemNames), tables: z.array(streamName), at: instant });
export type SolvedProblem = z.infer<typeof solvedProblem>;

/** Report of a run. Publish writes it when the run ends, and `npm start` prints its own report from it. */
export const runReport = z.object({
  runId,
  kind: runKind,
  status: runStatus,
  startedAt: instant,
  finishedAt: instant,
  /** Time of the latest replay (work that a person sent again) that this report includes. Absent: there was none. */
  replayedAt: instant.optional(),
  /** What the report had before work was sent again or deletions were approved, and has no more. Absent: nothing. */
  solved: z.array(solvedProblem).optional(),
  /** Set if a person approved the deletions that the run held back. */
  approved: z.literal(true).optional(),
  /** The run that asks again for rows that this run suspects to be deleted. */
  confirmRunId: runId.optional(),
  /**
   * Digest of the receipts and decisions behind the report. While it is the same, the report need not be made again.
   */
  basis: z.string().optional(),
  /** Tables that the request named. Absent: all that the configuration names, or the report of an earlier version. */
  requestedStreams: z.array(streamName).optional(),
  tables: z.record(streamName, tableReport),
  /** Requests that were sent to plan the run. They belong to no table. Absent if planning sends none. */
  planning: sentRequests.optional(),
  /** The rate limits that the run met, with the budget a minute of the workspace. Absent if it met none. */
  limited: rateLimits.extend({ requestsPerMinute: z.number().optional() }).optional(),
  forgotten: forgottenReport.optional(),
  /** What changed in the fields that the API gives. Absent if nothing did. */
  schemaChanges: z.array(schemaChange).optional(),
  /**
   * The columns whose values do not fit. A night tells what all runs until now found, any other run only of the tables that
   * it read. Absent if there are none.
   */
  unfitColumns: z.array(unfitColumn).optional(),
  /** The custom columns without any value, as far as nightly runs know by now. Absent if there are none. */
  emptyColumns: z.array(emptyColumn).optional(),
  /** The new custom columns of child tables that are not filled in every row yet. Absent if there are none. */
  fillingColumns: z.array(fillingColumn).optional(),
  /** The entries of `personalData` that rows from before do not follow, because it has changed. Absent if there are none. */
  unappliedPersonalData: z.array(z.string()).optional(),
  /** The custom columns whose earlier values the configuration no longer describes. Absent if there are none. */
  formerColumns: z.array(formerColumn).optional(),
});
export type RunReport = z.infer<typeof runReport>;
