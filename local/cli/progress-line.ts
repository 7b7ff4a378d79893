/** One line about a run under way. */

import type { Waiting } from '../../lambdas/contract/run.ts';
import { number } from '../../lambdas/core/runs/counted.ts';
import { durationText } from '../../lambdas/core/runs/duration-text.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import type { Retry } from '../cloud/lambda/api-traffic.ts';
import { clockTime } from './durations.ts';
import { type Terminal, widthOf } from './terminal.ts';

/** The state of a run at one moment. */
export interface ProgressView {
  readonly now: Date;
  readonly startedAt: Date;
  /** Whether the run knows what to read. */
  readonly isPlanned: boolean;
  /** Requests that were answered and need no retry. */
  readonly requests: number;
  /** Estimated requests of the whole run; undefined while they cannot be estimated. */
  readonly expected: number | undefined;
  /** Whether the estimate has grown so much that a lower percentage than before would be shown: see {@link PercentMeter}. */
  readonly hasGrown: boolean;
  /** Requests a minute, as {@link RateMeter} measures them; undefined as long as that cannot be told. */
  readonly perMinute: number | undefined;
  /** Answers with status 429 so far. After each, the run sends its requests more slowly. */
  readonly limited: number;
  /** Most requests a minute that the configuration allows. */
  readonly limit: number;
  readonly rows: number;
  readonly tables: number;
  /** Tables that are still being read; empty while the run only writes rows that it has read. */
  readonly reading: readonly string[];
  /** Why the run waits or repeats a request, in words. */
  readonly obstacle: string | undefined;
}

const bar = { full: '━', empty: '╌', length: 10 };
/** Largest percentage that is shown while the run goes on, so that it does not look done. */
const largestPercent = 99;
/** Columns of the narrowest terminal that gets a progress bar. On a narrower one the words need the space. */
const narrowestWithBar = 60;
const gap = '  ';

export function progressLine(view: ProgressView, terminal: Terminal): string {
  const { requests, expected, hasGrown, perMinute, rows, tables, now, startedAt, obstacle, reading, isPlanned } = view;
  const percent = expected === undefined || hasGrown ? undefined : percentOf(requests, expected);
  const asked =
    expected === undefined
      ? `${rounded(requests)} ${requests === 1 ? 'request' : 'requests'}`
      : `${rounded(requests)} of ${rounded(expected)} requests${hasGrown ? ', more than estimated before' : ''}`;
  const doing = reading.length === 0 ? 'writing the tables' : `reading ${foldedList(reading)}`;
  const parts = [
    durationText((now.getTime() - startedAt.getTime()) / 1_000),
    ...(percent === undefined ? [] : [percentText(percent, terminal)]),
    ...(obstacle === undefined ? timeLeft(view) : [obstacle]),
    ...(isPlanned ? [asked] : []),
    ...(requests > 0 && perMinute !== undefined ? [rateText(perMinute, view)] : []),
    ...(isPlanned
      ? [`${rounded(rows)} ${rows === 1 ? 'row' : 'rows'} in ${tables} ${tables === 1 ? 'table' : 'tables'}`]
      : []),
    isPlanned ? doing : 'planning what to read',
  ];
  const [first = '', ...more] = parts;
  let line = first;
  // What does not fit is left out, so that the line stays one line.
  for (const part of more) if (widthOf(line + gap + part) <= terminal.width - 1) line += gap + part;
  return line;
}

function percentOf(requests: number, expected: number): number {
  return Math.min(largestPercent, Math.floor((requests / expected) * 100));
}

function percentText(percent: number, { width }: Terminal): string {
  const text = `${percent}%`;
  if (width < narrowestWithBar || !Number.isFinite(width)) return text;
  const full = Math.floor((percent / 100) * bar.length);
  return `${text} ${bar.full.repeat(full)}${bar.empty.repeat(bar.length - full)}`;
}

function timeLeft({ requests, expected, perMinute }: ProgressView): string[] {
  if (expected === undefined || expected <= requests || !perMinute) return [];
  const seconds = ((expected - requests) / perMinute) * 60;
  return seconds < 1 ? [] : [`${durationText(seconds)} left`];
}

/** The rate, and what keeps it low: the configured limit, or the API's own. */
function rateText(perMinute: number, { limit, limited }: ProgressView): string {
  // The last minute, as it is measured, may begin just before a request and end just after one.
  if (perMinute >= limit * 0.8) return `${rounded(Math.min(perMinute, limit))} of ${rounded(limit)} a minute`;
  return `${rounded(perMinute)} a minute${limited > 0 ? ` after ${rounded(limited)} × 429` : ''}`;
}

const rounded = (count: number) => number(Math.round(count));

/** What the run waits for, and until when. */
export function waitingText({ until, reason }: Pick<Waiting, 'until' | 'reason'>, now: Date): string {
  return `waiting until ${clockTime(new Date(until), now)}: ${reason.replace(/\.$/, '')}`;
}

/** Seconds for which the status line mentions something that was tried again at once. */
const mentionedSeconds = 5;
/** A shorter wait is not worth a time of day. */
const shortestWaitMilliseconds = 1_000;

/** What failed, and until when the run waits before it is tried again. Undefined once it no longer matters. */
export function retryText({ reason, at, until }: Retry, now: Date): string | undefined {
  // The rest is advice, which the summary gives if it lasts.
  const [what = reason] = reason.split(/\.(?:\s|$)/);
  if (until.getTime() - now.getTime() >= shortestWaitMilliseconds)
    return waitingText({ until: until.toISOString(), reason: what }, now);
  return now.getTime() - at.getTime() < mentionedSeconds * 1_000 ? `trying again: ${what}` : undefined;
}

/** Keeps the percentage from falling: if the estimate grows, none is shown until it is as high as before. */
export class PercentMeter {
  #highest = 0;

  /** Whether the percentage would be lower than before. */
  hasFallen(requests: number, expected: number | undefined): boolean {
    if (expected === undefined) return false;
    const percent = percentOf(requests, expected);
    this.#highest = Math.max(this.#highest, percent);
    return percent < this.#highest;
  }
}

/** Measures requests a minute over the last minute, or since the last answer 429: after it, the rate is another. */
export class RateMeter {
  readonly #samples: { readonly at: number; readonly count: number }[] = [];
  #limited = 0;

  /**
   * @param count all requests until now
   * @param limited answers 429 among them
   */
  add(count: number, now: Date, limited = 0): void {
    if (limited > this.#limited) this.#samples.length = 0;
    this.#limited = limited;
    this.#samples.push({ at: now.getTime(), count });
    while ((this.#samples[1]?.at ?? Infinity) <= now.getTime() - 60_000) this.#samples.shift();
  }

  /** Undefined as long as less than a second was measured. */
  get perMinute(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at - first.at < 1_000) return undefined;
    return ((last.count - first.count) / (last.at - first.at)) * 60_000;
  }
}
