import type { Body } from './paging.ts';
import { Problem } from './problem.ts';

/** Number of keys remembered. The oldest are forgotten first. */
const capacity = 10_000;

/** Answers of writes by Idempotency-Key. The same key with the same body gets the same answer, otherwise a conflict. */
export class IdempotentAnswers {
  readonly #answers = new Map<string, { body: string; answer: Promise<Body> }>();

  /**
   * Does the work, or returns the answer of an earlier request with the same key.
   * @param request method and path: a key is valid for one operation on one resource
   * @throws Problem 409 if the key was used with another body
   */
  async once(key: string | undefined, request: string, body: string, work: () => Promise<Body>): Promise<Body> {
    if (key === undefined) return work();
    const scoped = `${request} ${key}`;
    const known = this.#answers.get(scoped);
    if (known && known.body !== body) {
      throw new Problem(409, 'idempotency_conflict', 'This Idempotency-Key was used with another payload.');
    }
    if (known) return known.answer;
    const answer = work();
    this.#answers.set(scoped, { body, answer });
    // A refused request has no effect, so its key can be used again.
    answer.catch(() => this.#answers.delete(scoped));
    const oldest = this.#answers.keys().next().value;
    if (this.#answers.size > capacity && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }
}
