import type { RunReport } from '../../contract/run-report.ts';
import { counted, number } from './counted.ts';
import { durationText } from './duration-text.ts';
import { totalsOf } from './run-totals.ts';

/** A shorter wait is no news: every run that shares its key with other programs meets one now and then. */
const waitWorthTelling = 60_000;

/** What rate limits cost a run, and what to do if that happens each night; undefined if it was hardly anything. */
export function limitedText(report: Pick<RunReport, 'limited' | 'tables' | 'planning'>): string | undefined {
  const { limited } = report;
  if (!limited || limited.milliseconds < waitWorthTelling) return undefined;
  const { answers, milliseconds, requestsPerMinute } = limited;
  const now = requestsPerMinute === undefined ? '' : ` (${number(requestsPerMinute)} now)`;
  return `The API slowed this run down: ${number(answers)} of ${counted(totalsOf(report).requests, 'request')} were answered 429, and the run waited ${durationText(milliseconds / 1_000)} for that. If this happens each night, lower requestsPerMinute${now}, or ask ProspectB2B for a larger budget.`;
}
