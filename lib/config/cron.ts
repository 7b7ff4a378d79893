/**
 * Checks an EventBridge Scheduler cron expression. Neither `cdk synth` nor CloudFormation's validation parses one, so a
 * mistake would only show in the middle of a deployment.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */

import { type Day, dayAt, dayOfMonth, dayOfWeek, hasDayAhead } from './cron-days.ts';

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Names of the values in order, such as `JAN`; the first stands for the lowest value. */
  readonly names?: readonly string[];
  /** Special forms that the field allows in addition to `*`, ranges, lists and steps, such as `L` for the last day. */
  readonly special?: RegExp;
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const fields = [
  { name: 'minute', low: 0, high: 59 },
  { name: 'hour', low: 0, high: 23 },
  { name: 'day of the month', low: 1, high: 31, special: /^(\?|L|LW|L-([1-9]|[12]\d|30)|([1-9]|[12]\d|3[01])W)$/ },
  { name: 'month', low: 1, high: 12, names: months },
  {
    name: 'day of the week',
    low: 1,
    high: 7,
    names: days,
    special: /^(\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$/i,
  },
  { name: 'year', low: 1970, high: 2199 },
] as const satisfies readonly Field[];

const example = "'0 2 * * ? *' is every night at two";

/** @returns a readable message that says what is wrong with the six fields; undefined if nothing is */
export function cronProblem(expression: string, now: Date = new Date()): string | undefined {
  const parts = expression.trim().split(/\s+/);
  if (/^(cron|rate|at)\(/.test(expression))
    return `give the six fields alone, without '${expression.split('(')[0]}(…)': ${example}.`;
  if (parts.length !== fields.length) {
    return `needs six fields (minute, hour, day of the month, month, day of the week, year) and has ${parts.length}: ${example}.`;
  }
  for (const [index, field] of fields.entries()) {
    const part = parts[index] ?? '';
    if (!isField(part, field)) return `'${part}' is not a valid ${field.name} (${boundsOf(field)}): ${example}.`;
  }
  const [, , day = '', month = '', weekday = '', year = ''] = parts;
  if ((day === '?') === (weekday === '?')) {
    return `either the day of the month or the day of the week has to be '?', and the other says when: ${example}.`;
  }
  return isAhead({ day, month, weekday, year }, now)
    ? undefined
    : `'${expression}' would never run, because there is no such day in the future: ${example}.`;
}

/** The values of a field: `1 to 7, or SUN to SAT, where 1 is SUN`. */
function boundsOf({ low, high, names }: Field): string {
  const numbers = `${low} to ${high}`;
  return names ? `${numbers}, or ${names[0]} to ${names.at(-1)}, where ${low} is ${names[0]}` : numbers;
}

type DayFields = Record<'day' | 'month' | 'weekday' | 'year', string>;

function isAhead(parts: DayFields, now: Date): boolean {
  return hasDayAhead(daysOf(parts), now);
}

function daysOf({ day, month, weekday, year }: DayFields) {
  const [, , dayField, monthField, weekdayField, yearField] = fields;
  const isDay = dayOfMonth(day, (text) => valuesOf(text, dayField));
  const isWeekday = dayOfWeek(weekday, (text) => valuesOf(text, weekdayField));
  const [years, months] = [valuesOf(year, yearField), valuesOf(month, monthField)];
  return { years, months, isDay: (each: Day) => isDay(each) && isWeekday(each) };
}

/**
 * The days and times at which a checked expression fires.
 * @returns `minutes`: the minutes since midnight, in order; `isDay`: whether the expression matches a day
 */
export function timesOf(expression: string): { minutes: readonly number[]; isDay: (date: Date) => boolean } {
  const [minute = '', hour = '', day = '', month = '', weekday = '', year = ''] = expression.trim().split(/\s+/);
  const { years, months, isDay } = daysOf({ day, month, weekday, year });
  const minutes = valuesOf(hour, fields[1]).flatMap((h) => valuesOf(minute, fields[0]).map((m) => h * 60 + m));
  return {
    minutes: minutes.toSorted((a, b) => a - b),
    isDay: (date) =>
      years.includes(date.getUTCFullYear()) && months.includes(date.getUTCMonth() + 1) && isDay(dayAt(date)),
  };
}

function isField(text: string, field: Field): boolean {
  return field.special?.test(text) || text.split(',').every((item) => valuesOfItem(item, field) !== undefined);
}

/** The numbers that a cron field without a special form matches. */
function valuesOf(text: string, field: Field): number[] {
  return text.split(',').flatMap((item) => valuesOfItem(item, field) ?? []);
}

/** @returns the numbers that one item of a list matches; undefined if it is not a value, range or step of the field */
function valuesOfItem(item: string, field: Field): number[] | undefined {
  const [base = '', step, ...more] = item.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) return undefined;
  const ends = base === '*' ? [field.low, field.high] : base.split('-').map((text) => valueOf(text, field));
  // A step without an end runs to the field's highest value.
  const [from, to = step === undefined ? from : field.high] = ends;
  if (ends.length > 2 || from === undefined || to === undefined || ends.includes(undefined) || from > to)
    return undefined;
  const stride = Number(step ?? 1);
  return Array.from({ length: Math.floor((to - from) / stride) + 1 }, (_, index) => from + index * stride);
}

function valueOf(text: string, { low, high, names }: Field): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? low + named : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= low && value <= high ? value : undefined;
}
