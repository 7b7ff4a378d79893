/** Matches days against the fields of a cron expression. cron.ts has already checked the fields. */

export interface Day {
  /** Day of the month. */
  readonly day: number;
  /** Number of days in the month. */
  readonly last: number;
  /** 1 is Sunday. */
  readonly weekday: number;
}

type IsDay = (day: Day) => boolean;
/** Parses the numbers of a field that has no special form. */
type Values = (text: string) => readonly number[];

const dayMilliseconds = 86_400_000;

/**
 * Whether the cron expression matches a day from yesterday on: yesterday in UTC may still be today in some time zone.
 */
export function hasDayAhead(
  { years, months, isDay }: { years: readonly number[]; months: readonly number[]; isDay: IsDay },
  now: Date,
): boolean {
  const yesterday = new Date(now.getTime() - dayMilliseconds);
  const first = Date.UTC(yesterday.getUTCFullYear(), yesterday.getUTCMonth(), yesterday.getUTCDate());
  for (const year of years.filter((one) => one >= yesterday.getUTCFullYear())) {
    for (const month of months) {
      const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
      for (let day = 1; day <= last; day += 1) {
        const at = new Date(Date.UTC(year, month - 1, day));
        if (at.getTime() >= first && isDay(dayAt(at))) return true;
      }
    }
  }
  return false;
}

/** The UTC day of a time. */
export function dayAt(date: Date): Day {
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return { day: date.getUTCDate(), last, weekday: date.getUTCDay() + 1 };
}

export function dayOfMonth(text: string, values: Values): IsDay {
  if (text === '?') return () => true;
  // `LW` (last working day) is treated as the last day, and `15W` (working day nearest to the 15th) as the 15th: the
  // check is only whether that day exists in the month.
  if (/^LW?$/.test(text)) return ({ day, last }) => day === last;
  if (text.startsWith('L-')) return ({ day, last }) => day === last - Number(text.slice(2));
  const days = text.endsWith('W') ? [Number(text.slice(0, -1))] : values(text);
  return ({ day }) => days.includes(day);
}

export function dayOfWeek(text: string, values: Values): IsDay {
  if (text === '?') return () => true;
  if (text.toUpperCase() === 'L') return ({ weekday }) => weekday === 7;
  const isLast = text.toUpperCase().endsWith('L');
  const [name = '', nth] = (isLast ? text.slice(0, -1) : text).split('#');
  const days = values(name);
  return ({ day, last, weekday }) =>
    days.includes(weekday) && (!isLast || day + 7 > last) && (nth === undefined || Math.ceil(day / 7) === Number(nth));
}
