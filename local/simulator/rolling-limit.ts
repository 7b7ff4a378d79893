/** A rolling limit: at most `limit` requests in any window of time. Refused requests do not count. */
export class RollingLimit {
  #taken: Float64Array = new Float64Array(0);
  #next = 0;

  /**
   * Accepts or refuses a request.
   * @param now milliseconds, never decreasing
   * @returns 0 if the request is accepted, otherwise milliseconds until a request would be accepted
   */
  take(limit: number, windowMilliseconds: number, now: number): number {
    if (limit <= 0) return 0;
    if (this.#taken.length !== limit) {
      this.#taken = new Float64Array(limit).fill(-Infinity);
      this.#next = 0;
    }
    const oldest = this.#taken[this.#next] ?? -Infinity;
    const wait = oldest + windowMilliseconds - now;
    if (wait > 0) return wait;
    this.#taken[this.#next] = now;
    this.#next = (this.#next + 1) % limit;
    return 0;
  }
}
