import { html, type Html } from './html.ts';

export const number = (value: number): string => value.toLocaleString('en-US');

/** `1 table`, `2 tables`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** Such as `41 s`, `4 min 10 s`, `3 h 20 min`, `2 days 4 h`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const units: readonly (readonly [string, number])[] = [
    [whole >= 2 * 86_400 ? ' days' : ' day', 86_400],
    [' h', 3_600],
    [' min', 60],
    [' s', 1],
  ];
  const first = units.findIndex(([, size]) => whole >= size);
  if (first === -1) return seconds > 0 ? 'under 1 s' : '0 s';
  let left = whole;
  const parts = units.slice(first, first + 2).map(([unit, size]) => {
    const amount = Math.floor(left / size);
    left -= amount * size;
    return { amount, text: `${amount}${unit}` };
  });
  return parts
    .filter(({ amount }) => amount > 0)
    .map(({ text }) => text)
    .join(' ');
}

export function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1_000);
}

const dayFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

/** Such as `27 Nov 2026, 02:00 UTC`. The script of the page adds how long ago that is. */
export function time(at: string): Html {
  const instant = new Date(at);
  return html`<time datetime="${instant.toISOString()}">${dayFormat.format(instant)}, ${instant.toISOString().slice(11, 16)} UTC</time>`;
}

/** Such as `27 Nov 2026`. @param date YYYY-MM-DD or an ISO time */
export function day(date: string): string {
  return dayFormat.format(new Date(date.length === 10 ? `${date}T00:00:00Z` : date));
}
