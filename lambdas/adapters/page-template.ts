import { readFile } from 'node:fs/promises';

/**
 * Reads the page without its content. `npm run generate` builds the file from page/. It stands beside this file, and
 * beside the bundle of a function: lib/bundling.ts copies it there.
 */
export function readPageTemplate(): Promise<string> {
  return readFile(new URL('page.html', import.meta.url), 'utf8');
}
