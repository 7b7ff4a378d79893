import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

/**
 * The code of a handler: one minified ES module with the AWS SDK in it, bundled by esbuild in this
 * process. The same sources give the same bytes, and so the same asset hash, in whatever folder they lie:
 * esbuild is told that the result goes to a fixed place beside them, since the paths in a source map are
 * relative to that.
 * @param entry path of the handler's file from the root of the project
 */
export function handlerCode(entry: string): Code {
  return Code.fromAsset(join(root, dirname(entry)), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled, since the bundling below always succeeds or throws.
      image: DockerImage.fromRegistry('no-image'),
      // Part of the key under which CDK remembers a bundle.
      command: [entry],
      local: {
        tryBundle(outputDirectory) {
          bundle(entry, outputDirectory);
          return true;
        },
      },
    },
  });
}

/**
 * Writes `index.mjs` and its source map.
 * @throws Error of esbuild where the sources do not build
 */
export function bundle(entry: string, outputDirectory: string): void {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(root, 'dist', 'function', 'index.mjs'),
    write: false,
    bundle: true,
    minify: true,
    // Error names are part of what the code branches on and logs.
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    logLevel: 'error',
  });
  mkdirSync(outputDirectory, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(join(outputDirectory, basename(path)), contents);
}
