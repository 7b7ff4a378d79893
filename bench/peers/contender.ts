import type { Endpoint } from './endpoints.ts';

/** What a contender reads, and how. */
export interface Race {
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Rows per page, where a list has the `limit` parameter. */
  readonly pageSize: number;
  /** Requests that a peer keeps in flight, if that can be configured. */
  readonly inFlight: number;
  /** An empty folder for configuration and output. */
  readonly folder: string;
}

/** A program that takes part in the benchmark: this project or one of its peers. */
export interface Contender {
  readonly name: string;
  /** What it does with the rows. Shown beside the result. */
  readonly does: string;
  /** File of pinned packages in `requirements`; absent: needs only this project. */
  readonly requirements?: string;
  readonly reads: (endpoint: Endpoint) => boolean;
  /** Whether it also requests the details of each row of `exports`. */
  readonly readsDetails?: true;
  /**
   * Writes the contender's configuration.
   * @param programs folder with the executables of its packages
   * @returns the command to run
   */
  readonly prepare: (race: Race, endpoints: readonly Endpoint[], programs: string) => Promise<string[]>;
  /** Number of rows that the contender wrote, by endpoint. @param output file with what the command printed */
  readonly rowsOf: (race: Race, endpoints: readonly Endpoint[], output: string) => Promise<Map<string, number>>;
}
