import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Files that a source reads at run time from its own folder, by source. Paths from the root of the project. */
const readBeside: Readonly<Record<string, string>> = {
  'lambdas/adapters/page-template.ts': 'lambdas/adapters/page.html',
};

/**
 * Copies to a bundle's folder the files that its sources read at run time.
 * @param inputs by source, as esbuild describes the bundle
 */
export function copyFilesBeside(inputs: object, root: string, folder: string): void {
  for (const [source, file] of Object.entries(readBeside))
    if (source in inputs) copyFileSync(join(root, file), join(folder, basename(file)));
}
