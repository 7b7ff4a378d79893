import { timesOf } from './cron.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** Long enough for a schedule on leap days to fire twice: leap years are up to eight years apart. */
const yearsAhead = 9;
/** Allowance for the duration of a run and for daylight saving time. */
const slackHours = 2;

/** The longest and the shortest time in hours between two successive starts of a checked cron expression. */
export function scheduleGaps(cron: string, now: Date = new Date()): { longest: number; shortest: number } {
  const { minutes, isDay } = timesOf(cron);
  let [longest, shortest] = [0, Number.POSITIVE_INFINITY];
  let before: number | undefined;
  const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  for (let at = first; at < first + yearsAhead * 366 * day; at += day) {
    if (!isDay(new Date(at))) continue;
    for (const minute of minutes) {
      const time = at + minute * 60_000;
      if (before !== undefined) {
        longest = Math.max(longest, time - before);
        shortest = Math.min(shortest, time - before);
      }
      before = time;
    }
  }
  return { longest: longest / hour, shortest: shortest / hour };
}

/** Hours after which a nightly run counts as missing if none has ended. */
export function expectedHours({
  runExpectedHours,
  schedule,
  flexibleWindowMinutes,
}: {
  readonly runExpectedHours?: number | undefined;
  readonly schedule: { readonly cron: string };
  readonly flexibleWindowMinutes: number;
}): number {
  return runExpectedHours ?? Math.ceil(scheduleGaps(schedule.cron).longest + flexibleWindowMinutes / 60) + slackHours;
}
