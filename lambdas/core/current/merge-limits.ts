/** What a merge takes at once, and how large data files are. Tests merge small tables as if they were large. */
export interface MergeLimits {
  /** A table has some so many data files, of at least and at most so many rows each, and at most so many bytes. */
  readonly files: number;
  readonly leastRows: number;
  readonly mostRows: number;
  readonly mostBytes: number;
  /** A batch has at most so many copies, and so many bytes when decompressed; one chunk is taken whatever it has. */
  readonly batchRows: number;
  readonly batchBytes: number;
}

/** For a function of 2 GB: a data file and a batch of which every row is new. */
export const mergeLimits: MergeLimits = {
  files: 64,
  leastRows: 10_000,
  mostRows: 250_000,
  mostBytes: 32_000_000,
  batchRows: 100_000,
  batchBytes: 128_000_000,
};
