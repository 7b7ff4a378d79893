/** Durations and times in words. */

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** A duration in at most two units: `4 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < minute) return `${whole} s`;
  if (whole < 10 * minute && whole % minute > 0) return `${Math.floor(whole / minute)} min ${whole % minute} s`;
  const minutes = Math.round(whole / minute);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(whole / hour);
  return twoUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function twoUnits(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}

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
