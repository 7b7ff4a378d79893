import type { RequestReport } from './runtime-messages.ts';

/** An answer that is not a success, and the end of the wait that it asked for, if any. */
export interface Refusal {
  /** HTTP status; 0 if no answer came. */
  readonly status: number;
  readonly at: Date;
  /** When the wait that the answer asked for ends; undefined if it asked for none. */
  readonly until: Date | undefined;
}

/** Counts the requests that the functions send to the API. */
export class ApiTraffic {
  #requests = 0;
  #served = 0;
  #limited = 0;
  #refusal: Refusal | undefined;

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

  /** The newest answer that makes the pipeline wait or try again. */
  get lastRefusal(): Refusal | undefined {
    return this.#refusal;
  }

  add({ answers, waitSeconds }: RequestReport, now: Date): void {
    for (const [text, count] of Object.entries(answers)) {
      const status = Number(text);
      this.#requests += count;
      if (status === 429) this.#limited += count;
      if (status > 0 && status !== 429 && status < 500) this.#served += count;
      else {
        const until = waitSeconds > 0 ? new Date(now.getTime() + waitSeconds * 1_000) : undefined;
        this.#refusal = { status, at: now, until };
      }
    }
  }
}
