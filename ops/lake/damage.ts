import type { z } from 'zod';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { DamagedObjectError } from '../../lambdas/core/store/stored-object.ts';

/** Collects the objects that a command skipped because it could not read them. The command reports them at its end. */
export class Damage {
  readonly #messages = new Map<string, string>();

  note({ key, message }: DamagedObjectError): void {
    this.#messages.set(key, message);
  }

  /** Runs `reading`. If it finds a damaged object, notes the object and returns undefined. */
  async skipIfDamaged<T>(reading: () => Promise<T>): Promise<T | undefined> {
    try {
      return await reading();
    } catch (error) {
      if (!(error instanceof DamagedObjectError)) throw error;
      this.note(error);
      return undefined;
    }
  }

  /** Reads a JSON object. Undefined if it does not exist or cannot be read. */
  async readJson<T>(store: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
    return this.skipIfDamaged(async () => (await readJson(store, key, schema))?.value);
  }

  /** Messages by key of the damaged object. */
  get messages(): ReadonlyMap<string, string> {
    return this.#messages;
  }

  get keys(): string[] {
    return [...this.#messages.keys()].toSorted();
  }

  /** One message per key, for a person. */
  get lines(): string[] {
    return this.keys.flatMap((key) => this.#messages.get(key) ?? []);
  }
}
