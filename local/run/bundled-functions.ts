import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { functions } from '../../lib/functions.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles all functions together, so that a process that runs several of them loads their common code once. */
export async function bundleFunctions(folder: string): Promise<void> {
  await build({
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
    logLevel: 'error',
  });
}
