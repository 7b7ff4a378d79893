import { membersOf } from './json-slices.ts';
import { parseOutcome, parseRawLine } from './raw-line.ts';

/** Numbers the rows of one list that have the same value in a field, in list order. */
export class RowNumbering {
  readonly #within: string;
  readonly #next = new Map<string, number>();
  readonly #numbered = new Set<string>();

  /**
   * @param within field of the row
   * @param landed earlier lines of the same list, if reading continues in the middle of it
   */
  constructor(within: string, landed: Iterable<string> = []) {
    this.#within = within;
    for (const line of landed) {
      if (parseOutcome(line)) continue;
      const { row, meta } = parseRawLine(line);
      // A list that was read again from its beginning counts from 0 again, so the last line with a value decides.
      this.#next.set(this.#valueOf(row), (meta.position ?? 0) + 1);
      this.#numbered.add(row);
    }
  }

  /** The number of the next row of the list, from 0 for each value. */
  numberOf(row: string): number {
    const value = this.#valueOf(row);
    const number = this.#next.get(value) ?? 0;
    this.#next.set(value, number + 1);
    this.#numbered.add(row);
    return number;
  }

  /** Whether the list has had these rows before, letter for letter. */
  hasHad(rows: readonly string[]): boolean {
    return rows.every((row) => this.#numbered.has(row));
  }

  #valueOf(row: string): string {
    return membersOf(row).get(this.#within) ?? '';
  }
}
