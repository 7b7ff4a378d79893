import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { StateFile } from '../state-file.ts';

const row = z.object({ value: z.string() });
const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * Secrets that a template has the service make up. They are kept with the messages, since the next start on
 * the folder has to find the same: a hash made with another key joins with nothing that is there.
 */
export class GeneratedSecrets {
  readonly #find;
  readonly #insert;

  constructor(state: StateFile) {
    this.#find = state.prepare('SELECT value FROM generated_secrets WHERE name = ?');
    this.#insert = state.prepare('INSERT INTO generated_secrets (name, value) VALUES (?, ?)');
  }

  /** The value of the secret with this name, made at the first start. */
  valueOf(name: string, length: number): string {
    const kept = row.optional().parse(this.#find.get(name));
    if (kept) return kept.value;
    const value = Array.from({ length }, () => characters[randomInt(characters.length)]).join('');
    this.#insert.run(name, value);
    return value;
  }
}
