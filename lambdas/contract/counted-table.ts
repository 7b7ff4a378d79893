/** What to count in a table for the page of a run. Each data file is counted once, when it is new. */
export interface CountedTable {
  readonly table: string;
  /** Boolean column: the rows in which it is true are counted. */
  readonly trueIn?: string;
  /** Rows are counted by the week of `time` and by the value of `category`. */
  readonly weekly?: { readonly time: string; readonly category: string };
  /**
   * For rows sorted by their parent's id: parents that have an outbound row are counted, and those that have an inbound
   * one as well.
   */
  readonly conversation?: { readonly parent: string; readonly direction: string };
}
