import type { Failure } from '../../contract/run.ts';
import { failureOf, SchemaChangeError } from '../errors.ts';
import { DamagedObjectError } from '../store/stored-object.ts';

/**
 * The tables of a run that cannot be merged or searched because a stored object is lost or damaged, or because the
 * configuration gives a column another type. The run ends without
 * them and publishes the others. Their watermarks stay, so the next nightly run reads the same again.
 */
export class DamagedTables {
  readonly #failures = new Map<string, Failure>();
  readonly #isKnown: (table: string) => boolean;
  readonly #isLastDelivery: boolean;

  /**
   * @param known the damaged tables that an earlier check of the run found
   * @param isLastDelivery false: damage that is not known yet is thrown, and the message comes again. Another function
   * may have replaced the object at this moment.
   */
  constructor(known: Readonly<Record<string, Failure>>, isLastDelivery: boolean) {
    this.#isKnown = (table) => table in known;
    this.#isLastDelivery = isLastDelivery;
  }

  get failures(): Readonly<Record<string, Failure>> {
    return Object.fromEntries(this.#failures);
  }

  has(table: string): boolean {
    return this.#failures.has(table);
  }

  /**
   * Does work for tables. If an object is damaged or a column has another type, the run ends without them.
   * @returns undefined if it does
   */
  async attempt<T>(tables: readonly string[], work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const isDamage = error instanceof DamagedObjectError;
      if (!isDamage && !(error instanceof SchemaChangeError)) throw error;
      if (isDamage && !this.#isLastDelivery && !tables.every(this.#isKnown)) throw error;
      for (const table of tables) this.#failures.set(table, failureOf(error));
      return undefined;
    }
  }
}
