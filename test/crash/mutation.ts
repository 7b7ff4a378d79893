export interface Mutation {
  readonly name: string;
  /** Path below `lambdas`. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** The suite that detects the mutation, below `test`. */
  readonly suite: string;
  /** For the crash matrix: a pattern of the steps to disturb, each `<function> <operation> <resource>`. */
  readonly steps?: RegExp;
}
