/** The result of a benchmark, which `npm run bench` prints as a table. */
export interface BenchTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Bench {
  /** Heading of the benchmark's table. */
  readonly name: string;
  /** Measures and returns the result. May take minutes. */
  run(options: { readonly leads: number }): Promise<BenchTable>;
}
