import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { StateFile } from '../state-file.ts';

const row = z.object({ value: z.string() });
const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * Values of the secrets that, by the template, Secrets Manager generates. They are kept in the state file, because the
 * next start on the folder needs the same values: hashes made with another key would not match the existing ones.
 */
export class GeneratedSecrets {
  readonly #find;
  readonly #insert;

  constructor(state: StateFile) {
    this.#find = state.prepare('SELECT value FROM generated_secrets WHERE name = ?');
    this.#insert = state.prepare('INSERT INTO generated_secrets (name, value) VALUES (?, ?)');
  }

  /** The value of the secret. At the first start it is generated. */
  valueOf(name: string, length: number): string {
    const kept = row.optional().parse(this.#find.get(name));
    if (kept) return kept.value;
    const value = Array.from({ length }, () => characters[randomInt(characters.length)]).join('');
    this.#insert.run(name, value);
    return value;
  }
}
