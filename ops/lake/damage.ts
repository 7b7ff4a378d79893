import type { z } from 'zod';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { DamagedObjectError } from '../../lambdas/core/store/stored-object.ts';

/** What a command could not read and passed over: it says so at its end. */
export class Damage {
  readonly #messages = new Map<string, string>();

  note({ key, message }: DamagedObjectError): void {
    this.#messages.set(key, message);
  }

  /** @returns undefined if what is read is damaged */
  async passOver<T>(reading: () => Promise<T>): Promise<T | undefined> {
    try {
      return await reading();
    } catch (error) {
      if (!(error instanceof DamagedObjectError)) throw error;
      this.note(error);
      return undefined;
    }
  }

  /** Undefined if there is none, or none that can be read. */
  async readJson<T>(store: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
    return this.passOver(async () => (await readJson(store, key, schema))?.value);
  }

  /** By key. */
  get messages(): ReadonlyMap<string, string> {
    return this.#messages;
  }

  get keys(): string[] {
    return [...this.#messages.keys()].toSorted();
  }

  /** One for each key, for a person. */
  get lines(): string[] {
    return this.keys.flatMap((key) => this.#messages.get(key) ?? []);
  }
}
