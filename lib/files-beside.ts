import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Metafile } from 'esbuild';

/** Files that a source reads at run time from its own folder, by source. Paths from the root of the project. */
const readBeside: Readonly<Record<string, string>> = {
  'lambdas/adapters/page-template.ts': 'lambdas/adapters/page.html',
};

/** Copies to a bundle's folder the files that its sources read at run time. */
export function copyFilesBeside({ inputs }: Pick<Metafile, 'inputs'>, root: string, folder: string): void {
  for (const [source, file] of Object.entries(readBeside))
    if (source in inputs) copyFileSync(join(root, file), join(folder, basename(file)));
}
