/** The token bucket with which API Gateway throttles a route. */
export class RequestBucket {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at: number | undefined;

  /** @param limit requests per second, and the maximum burst */
  constructor({ rate, burst }: { rate: number; burst: number }) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /**
   * @param now milliseconds since 1970
   * @returns whether a request may pass
   */
  take(now: number): boolean {
    const earned = ((now - (this.#at ?? now)) / 1_000) * this.#rate;
    this.#at = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
