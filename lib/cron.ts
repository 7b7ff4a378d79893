/**
 * Checks of an EventBridge Scheduler cron expression: neither `cdk synth` nor CloudFormation's own
 * validation looks into one, so a mistake would show only in the middle of a deployment.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Names of the values from `low` on. */
  readonly names?: readonly string[];
  /** Special forms besides `*`, ranges, lists and steps. */
  readonly special?: RegExp;
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const fields: readonly Field[] = [
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
];

const example = "'0 2 * * ? *' is every night at two";

/** @returns what is wrong with the six fields, for a person; undefined where nothing is */
export function cronProblem(expression: string): string | undefined {
  const parts = expression.trim().split(/\s+/);
  if (/^(cron|rate|at)\(/.test(expression))
    return `give the six fields alone, without '${expression.split('(')[0]}(…)': ${example}.`;
  if (parts.length !== fields.length) {
    return `needs six fields (minute, hour, day of the month, month, day of the week, year) and has ${parts.length}: ${example}.`;
  }
  for (const [index, field] of fields.entries()) {
    const part = parts[index] ?? '';
    if (!isField(part, field)) return `'${part}' is no ${field.name} (${field.low} to ${field.high}): ${example}.`;
  }
  if ((parts[2] === '?') === (parts[4] === '?')) {
    return `exactly one of the day of the month and the day of the week has to be '?', the other says when: ${example}.`;
  }
  return undefined;
}

function isField(text: string, field: Field): boolean {
  if (field.special?.test(text)) return true;
  return text.split(',').every((item) => isItem(item, field));
}

function isItem(item: string, field: Field): boolean {
  const [base = '', step, ...more] = item.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) return false;
  if (base === '*') return true;
  const ends = base.split('-').map((text) => valueOf(text, field));
  const [from, to = from] = ends;
  return ends.length <= 2 && from !== undefined && to !== undefined && from <= to;
}

function valueOf(text: string, { low, high, names }: Field): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? low + named : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= low && value <= high ? value : undefined;
}
