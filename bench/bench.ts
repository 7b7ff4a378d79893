/** A benchmark. `npm run bench` prints one table for each. */
export interface BenchTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Bench {
  /** Heading of its table. */
  readonly name: string;
  /** Measures. May take minutes. */
  run(options: { readonly leads: number }): Promise<BenchTable>;
}
