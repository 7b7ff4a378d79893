import type { Catalog, DeadLetters, ObjectStore, Queue } from '../../lambdas/core/ports.ts';

/** A process that dies at one of its steps; nothing after that step takes effect. */
export class KillableProcess {
  steps = 0;
  readonly #dies: { readonly at: number; readonly when: 'before' | 'after' };
  #isDead = false;

  /** @param dies the step, from 0, at which it dies, before or after the step takes effect */
  constructor(dies: { readonly at: number; readonly when: 'before' | 'after' }) {
    this.#dies = dies;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  async #step<T>(effect: () => Promise<T>): Promise<T> {
    if (this.#isDead) throw new Error('dead');
    const isHere = this.steps === this.#dies.at;
    this.steps += 1;
    if (isHere && this.#dies.when === 'before') this.#die();
    const answer = await effect();
    if (isHere) this.#die();
    return answer;
  }

  #die(): never {
    this.#isDead = true;
    throw new Error('killed');
  }

  store(store: ObjectStore): ObjectStore {
    return {
      get: (key) => this.#step(() => store.get(key)),
      head: (key) => this.#step(() => store.head(key)),
      put: (key, body, options) => this.#step(() => store.put(key, body, options)),
      delete: (key) => this.#step(() => store.delete(key)),
      list: (prefix) => store.list(prefix),
    };
  }

  catalog(catalog: Catalog): Catalog {
    return { point: (table, live) => this.#step(() => catalog.point(table, live)) };
  }

  queue(queue: Queue): Queue {
    // Sends one message at a time, because a process can die after any part of a batch.
    return {
      send: async (messages) => {
        for (const message of messages) await this.#step(() => queue.send([message]));
      },
    };
  }

  deadLetters(deadLetters: DeadLetters): DeadLetters {
    return {
      receive: (most) => this.#step(() => deadLetters.receive(most)),
      delete: async (letters) => {
        for (const letter of letters) await this.#step(() => deadLetters.delete([letter]));
      },
      release: (letters) => this.#step(() => deadLetters.release(letters)),
    };
  }
}
