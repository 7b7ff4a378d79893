/** How many more requests the API allows, according to the headers of an answer. */
export interface RequestBudget {
  readonly remaining: number;
  /** Requests allowed in a whole window. */
  readonly limit: number;
  /** When the window ends. Milliseconds since the epoch. */
  readonly resetAt: number;
}

type Headers = { get(name: string): string | null };

/** Larger numbers are times since the epoch, in seconds or milliseconds. Smaller numbers are seconds to wait. */
const epochSeconds = 1e8;
const epochMilliseconds = 1e11;
const hour = 3_600_000;

/**
 * Reads `RateLimit` (IETF draft, with `r` and `t`, or `remaining` and `reset`), `RateLimit-*` and `X-RateLimit-*`.
 * @returns undefined unless the headers say how many requests are left and until when
 */
export function requestBudget(headers: Headers, now: Date): RequestBudget | undefined {
  const one = (name: string) =>
    headers.get(`ratelimit-${name}`) ??
    headers.get(`x-ratelimit-${name}`) ??
    headers.get(`x-rate-limit-${name}`) ??
    undefined;
  const joined = strictest(headers.get('ratelimit') ?? '');
  const remaining = leading(one('remaining') ?? joined.remaining);
  const reset = one('reset') ?? joined.reset;
  const resetAt = reset === undefined ? undefined : resetTime(reset.trim(), headers, now);
  if (remaining === undefined || resetAt === undefined || resetAt <= now.getTime()) return undefined;
  const limit = leading(one('limit') ?? joined.limit) ?? remaining;
  return { remaining, limit, resetAt: Math.min(resetAt, now.getTime() + hour) };
}

/** The number at the start of a header. Some APIs write `100, 100;w=60`: the number in force comes first. */
function leading(text: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,9})\b/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** A header may list several policies, such as per burst and per day. Picks the one with the fewest requests left. */
function strictest(header: string): {
  remaining?: string | undefined;
  reset?: string | undefined;
  limit?: string | undefined;
} {
  const policies = /\br=\d/.test(header) ? header.split(',') : [header];
  const values = policies.map((policy) => ({
    remaining: /\b(?:r|remaining)=(\d+)/.exec(policy)?.[1],
    reset: /\b(?:t|reset)=(\d+)/.exec(policy)?.[1],
    limit: /\blimit=(\d+)/.exec(policy)?.[1],
  }));
  return values.toSorted((a, b) => Number(a.remaining) - Number(b.remaining))[0] ?? {};
}

function resetTime(text: string, headers: Headers, now: Date): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    if (number < epochSeconds) return now.getTime() + number * 1_000;
    return byOurClock(number < epochMilliseconds ? number * 1_000 : number, headers, now);
  }
  const time = /^(?:[A-Z][a-z]{2},|\d{4}-)/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : byOurClock(time, headers, now);
}

/** Converts a time of the API's clock to our clock. */
function byOurClock(time: number, headers: Headers, now: Date): number {
  return time - theirNow(headers, now).getTime() + now.getTime();
}

/** The time by the API's clock, from the `Date` header; by our clock if there is none. */
export function theirNow(headers: Headers, now: Date): Date {
  const theirs = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(theirs) ? now : new Date(theirs);
}
