import { membersOf } from './json-slices.ts';
import { parseOutcome, parseRawLine } from './raw-line.ts';

/**
 * Numbers the rows of one list that have the same value in a field, in list order. Such rows have no id, so a page that
 * the list repeats looks like a page of further rows. Such a page is held back until the list goes on or ends.
 */
export class RowNumbering {
  readonly #within: string;
  readonly #next = new Map<string, number>();
  readonly #numbered = new Set<string>();
  #held: (readonly string[])[] = [];

  /**
   * @param within field of the row
   * @param landed earlier lines of the same list, if reading continues in the middle of it
   */
  constructor(within: string, landed: Iterable<string> = []) {
    this.#within = within;
    for (const line of landed) {
      const outcome = parseOutcome(line);
      if (!outcome) {
        this.#resume(line);
        this.#held = [];
      } else if ('held' in outcome) {
        outcome.held.forEach((row) => this.#resume(row));
        this.#held.push(outcome.held);
      }
    }
  }

  #resume(line: string): void {
    const { row, meta } = parseRawLine(line);
    const value = this.#valueOf(row);
    if (meta.position === 0 && this.#next.has(value)) {
      // The list was read again from its beginning, so numbering starts over.
      this.#next.clear();
      this.#numbered.clear();
    }
    this.#next.set(value, (meta.position ?? 0) + 1);
    this.#numbered.add(row);
  }

  /** The number of the next row of the list, from 0 for each value. */
  numberOf(row: string): number {
    const value = this.#valueOf(row);
    const number = this.#next.get(value) ?? 0;
    this.#next.set(value, number + 1);
    this.#numbered.add(row);
    return number;
  }

  /** True if the list has had exactly these rows before. */
  hasHad(rows: readonly string[]): boolean {
    return rows.every((row) => this.#numbered.has(row));
  }

  /** Number of pages that are held back because they may repeat earlier ones, and the characters of their lines. */
  get held(): { readonly pages: number; readonly length: number } {
    return { pages: this.#held.length, length: this.#held.flat().reduce((sum, line) => sum + line.length, 0) };
  }

  hold(lines: readonly string[]): void {
    this.#held.push(lines);
  }

  /** Returns the lines of all held pages, and stops holding them. */
  release(): readonly string[] {
    const lines = this.#held.flat();
    this.#held = [];
    return lines;
  }

  #valueOf(row: string): string {
    return membersOf(row).get(this.#within) ?? '';
  }
}
