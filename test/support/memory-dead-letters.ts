import type { DeadLetters, DeadLetter } from '../../lambdas/core/ports.ts';

/** A dead-letter queue in memory. Received messages are hidden until they are released or time out. */
export class MemoryDeadLetters implements DeadLetters {
  readonly #deadLetters = new Map<string, string>();
  readonly #hidden = new Set<string>();
  #added = 0;

  get bodies(): unknown[] {
    return [...this.#deadLetters.values()].map((body): unknown => JSON.parse(body));
  }

  add(body: unknown): void {
    this.addText(JSON.stringify(body));
  }

  addText(body: string): void {
    this.#added += 1;
    this.#deadLetters.set(`letter-${this.#added}`, body);
  }

  async receive(limit: number): Promise<DeadLetter[]> {
    const letters = [...this.#deadLetters].filter(([id]) => !this.#hidden.has(id)).slice(0, limit);
    for (const [id] of letters) this.#hidden.add(id);
    return letters.map(([id, body]) => ({ id, body, handle: `handle of ${id}` }));
  }

  async delete(letters: readonly Pick<DeadLetter, 'handle'>[]): Promise<void> {
    for (const { handle } of letters) this.#deadLetters.delete(handle.replace('handle of ', ''));
  }

  async release(letters: readonly Pick<DeadLetter, 'handle'>[]): Promise<void> {
    for (const { handle } of letters) this.#hidden.delete(handle.replace('handle of ', ''));
  }

  /** Ends the visibility timeout of every received message. */
  expireVisibility(): void {
    this.#hidden.clear();
  }
}
