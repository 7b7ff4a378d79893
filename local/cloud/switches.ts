import type { StateFile } from './state-file.ts';

/** Stores which event source mappings and schedules are switched off, also across restarts, as in an AWS account. */
export class Switches {
  readonly #state: StateFile;
  #waiting: (() => void)[] = [];

  constructor(state: StateFile) {
    this.#state = state;
  }

  isOn(id: string): boolean {
    return this.#state.prepare('SELECT 1 FROM switched_off WHERE id = ?').get(id) === undefined;
  }

  set(id: string, on: boolean): void {
    this.#state.join();
    const sql = on ? 'DELETE FROM switched_off WHERE id = ?' : 'INSERT OR IGNORE INTO switched_off (id) VALUES (?)';
    this.#state.prepare(sql).run(id);
    this.wake();
  }

  /** Resolves when a switch is set the next time. */
  nextChange(): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push(go);
    });
  }

  wake(): void {
    for (const go of this.#waiting.splice(0)) go();
  }
}
