import { durationText } from '../runs/duration-text.ts';
import { html, type Html } from './html.ts';

/** Such as `41 s`, `4 min 10 s`, `3 h 20 min`. */
export function duration(seconds: number): string {
  return seconds > 0 && seconds < 0.5 ? 'under 1 s' : durationText(seconds);
}

const dayFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

/** Such as `27 Nov 2026, 02:00 UTC`. */
export function timeText(at: string): string {
  const instant = new Date(at);
  return `${dayFormat.format(instant)}, ${instant.toISOString().slice(11, 16)} UTC`;
}

/** The same as an element. The script of the page adds how long ago that is. */
export function time(at: string): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${timeText(at)}</time>`;
}

/** Such as `27 Nov 2026`. @param date YYYY-MM-DD or an ISO time */
export function day(date: string): string {
  return dayFormat.format(new Date(date.length === 10 ? `${date}T00:00:00Z` : date));
}
