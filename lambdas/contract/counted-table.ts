/** What to count in a table for the page of a run. Each data file is counted once, when it is new. */
export interface CountedTable {
  readonly table: string;
  /** Boolean column: the rows in which it is true are counted. */
  readonly trueIn?: string;
  /** Rows are counted by the week of `time` and by the value of `category`. */
  readonly weekly?: { readonly time: string; readonly category: string };
  /**
   * For rows sorted by their parent's id: counts the parents with an outbound row, and how many of them also have an
   * inbound row.
   */
  readonly conversation?: { readonly parent: string; readonly direction: string };
}
