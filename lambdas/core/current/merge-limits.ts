/**
 * How much a merge takes at once, and how large data files are. Tests lower the limits to treat small tables as large.
 */
export interface MergeLimits {
  /** Targets: `files` data files per table, each of `leastRows` to `mostRows` rows and at most `mostBytes` bytes. */
  readonly files: number;
  readonly leastRows: number;
  readonly mostRows: number;
  readonly mostBytes: number;
  /**
   * Most copies in a batch, and most bytes of them when decompressed. A batch has at least one chunk, whatever its
   * size.
   */
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Most copies that are sorted by key together, see sort-load.ts. They are committed as a whole. */
  readonly loadRows: number;
}

/**
 * For a function with 2 GB of memory: it holds a data file and a batch in which every row is new. Up to 1,280,000 rows,
 * the number of files keeps them at `leastRows`, so that a larger table takes no more memory. ADR 10 has measurements.
 */
export const mergeLimits: MergeLimits = {
  files: 128,
  leastRows: 10_000,
  mostRows: 250_000,
  mostBytes: 32_000_000,
  batchRows: 40_000,
  batchBytes: 128_000_000,
  loadRows: 1_000_000,
};
