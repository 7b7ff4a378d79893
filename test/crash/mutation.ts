export interface Mutation {
  readonly name: string;
  /** Below `lambdas`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** The suite that notices, below `test`. */
  readonly suite: string;
}
