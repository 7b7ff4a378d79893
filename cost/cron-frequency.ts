import { daysPerMonth } from './workload.ts';

const weekDays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** Fields that name one day of a month in a roundabout way. */
const special = /^(L|LW|L-\d+|\d+W|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#\d))$/i;

/**
 * How often a schedule comes in an average month.
 * @param cron the six fields, checked before (lib/config/cron.ts)
 */
export function timesPerMonth(cron: string): number {
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = cron.trim().split(/\s+/);
  const days =
    dayOfMonth === '?'
      ? (countOf(dayOfWeek, 1, 7, weekDays) / 7) * daysPerMonth
      : Math.min(daysPerMonth, countOf(dayOfMonth, 1, 31));
  return countOf(minute, 0, 59) * countOf(hour, 0, 23) * days * (countOf(month, 1, 12, monthNames) / 12);
}

/** Values that a field takes. */
function countOf(field: string, low: number, high: number, names: readonly string[] = []): number {
  // The last, the nearest or the n-th of its kind: one day a month.
  if (special.test(field)) return high === 7 ? 7 / daysPerMonth : 1;
  const values = new Set<number>();
  for (const item of field.split(',')) {
    const [base = '*', step] = item.split('/');
    const [from = low, to = step === undefined ? from : high] =
      base === '*' ? [low, high] : base.split('-').map((text) => valueOf(text, low, names));
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  }
  return values.size;
}

function valueOf(text: string, low: number, names: readonly string[]): number {
  const named = names.indexOf(text.toUpperCase());
  return named >= 0 ? low + named : Number(text);
}
