/** Times in words. */

import { durationText } from '../../lambdas/core/runs/duration-text.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** A time relative to now: `12 min ago`, `in 3 h`, `just now`. */
export function relativeTime(time: Date, now: Date): string {
  const seconds = (time.getTime() - now.getTime()) / 1_000;
  if (Math.abs(seconds) < 1) return 'just now';
  // Beyond two hours round to whole hours, beyond two days to whole days.
  const distance = Math.abs(seconds);
  const unit = distance >= 2 * day ? day : distance >= 2 * hour ? hour : 1;
  const rounded = Math.round(distance / unit) * unit;
  return seconds < 0 ? `${durationText(rounded)} ago` : `in ${durationText(rounded)}`;
}

/** A time on the clock and its distance, such as `06:21:40 UTC (in 4 min)`; with the date unless it is today. */
export function clockTime(time: Date, now: Date): string {
  const [date = '', clock = ''] = time.toISOString().slice(0, 19).split('T');
  const isToday = date === now.toISOString().slice(0, 10);
  return `${isToday ? '' : `${date} `}${clock} UTC (${relativeTime(time, now)})`;
}
