import { textPages } from '../rows/parquet/text-pages.ts';
import type { Matcher } from './persons.ts';

/**
 * False if no row of a Parquet file can belong to a person or quote one, so that the file need not be decoded.
 * @param matcher undefined if the change is not about persons: then any row may change
 */
export function mayConcern(file: Uint8Array, matcher: Pick<Matcher, 'mayStandIn'> | undefined): boolean {
  if (!matcher) return true;
  try {
    return textPages(file).some((page) => matcher.mayStandIn(page));
  } catch {
    // A file of another writer, or a damaged one: decoding it says what is wrong.
    return true;
  }
}
