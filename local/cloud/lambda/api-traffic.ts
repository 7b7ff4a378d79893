import { retryLine, retryMessages } from '../../../lambdas/contract/retry-log.ts';
import type { RequestReport } from './runtime-messages.ts';

/** Something that failed and is tried again. */
export interface Retry {
  /** What happened, and to which stream. */
  readonly reason: string;
  readonly at: Date;
  /** When it is tried again. */
  readonly until: Date;
}

/** What the embedded cloud sees of the API: the requests that the functions send, and what they try again. */
export class ApiTraffic {
  #requests = 0;
  #served = 0;
  #limited = 0;
  #retry: Retry | undefined;

  /** Answered and failed requests so far. */
  get requests(): number {
    return this.#requests;
  }

  /** Requests that will not be sent again. */
  get served(): number {
    return this.#served;
  }

  /** Answers 429 so far. */
  get limited(): number {
    return this.#limited;
  }

  /** The retry that holds the run up longest, or else the newest one. Undefined if nothing was tried again. */
  get lastRetry(): Retry | undefined {
    return this.#retry;
  }

  add({ answers }: RequestReport): void {
    for (const [text, count] of Object.entries(answers)) {
      const status = Number(text);
      this.#requests += count;
      if (status === 429) this.#limited += count;
      if (status > 0 && status !== 429 && status < 500) this.#served += count;
    }
  }

  /** Takes a line of a function's log. Only the function knows that an answer 200 was no success. */
  addLine(line: string, now: Date): void {
    if (!Object.values(retryMessages).some((message) => line.includes(message))) return;
    const { data } = retryLine.safeParse(parsed(line));
    if (!data) return;
    const until = new Date(now.getTime() + data.wait);
    // Requests are tried again beside each other. A short wait must not hide the long one that holds the run up.
    const isHidden = this.#retry !== undefined && this.#retry.until > now && this.#retry.until > until;
    if (!isHidden) this.#retry = { reason: data.reason, at: now, until };
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
