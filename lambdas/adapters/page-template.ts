import { readFile } from 'node:fs/promises';

/**
 * Reads the HTML page into which the data of a run is put. `npm run generate` builds it from the folder page/, and
 * lib/bundling.ts copies it beside the bundle of each function that needs it.
 */
export function readPageTemplate(): Promise<string> {
  return readFile(new URL('page.html', import.meta.url), 'utf8');
}
