import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { copyFilesBeside } from '../../lib/files-beside.ts';
import { functions } from '../../lib/functions.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles all functions together, so that a process that runs several of them loads their common code once. */
export async function bundleFunctions(folder: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(functions).map(([name, { entry }]) => [name, entry])),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    metafile: true,
    logLevel: 'error',
  });
  copyFilesBeside(metafile, root, folder);
}
