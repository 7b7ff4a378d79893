import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type * as Codec from '@jridgewell/sourcemap-codec';
import type * as Esbuild from 'esbuild';
import { copyFilesBeside } from './files-beside.ts';
import { functions } from './functions.ts';
import { keptBundles } from './kept-bundles.ts';
import { ownSourceMap } from './own-source-map.ts';

const root = resolve(import.meta.dirname, '..');
/** The installed package has a bundle of each function, in a folder of its own, instead of the sources. */
const prebuilt = join(root, 'functions');
const isPackage = existsSync(prebuilt);

/** Folder of a function's bundle in a folder of bundles. */
const folderIn = (bundles: string, entry: string): string => join(bundles, basename(entry, '.ts'));

/** Options of esbuild for each bundle of functions. */
export const moduleOptions = {
  bundle: true,
  // Names must survive minification: the code branches on the names of errors, and logs them.
  keepNames: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  metafile: true,
  logLevel: 'error',
} satisfies Esbuild.BuildOptions;

/**
 * The code of a handler: one minified ES module that includes the AWS SDK, bundled by esbuild in this process. The same
 * sources give the same bytes, and so the same asset hash, in any folder. Since paths in a source map are relative to
 * the output, esbuild is told a fixed output path beside the sources.
 * @param entry path of the handler's file from the root of the project
 */
export function handlerCode(entry: string): Code {
  // The same bytes as those that are bundled below have the same hash.
  if (isPackage) return Code.fromAsset(folderIn(prebuilt, entry));
  return Code.fromAsset(join(root, dirname(entry)), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: the local bundling below either succeeds or throws.
      image: DockerImage.fromRegistry('no-image'),
      // Part of the key under which CDK caches a bundle.
      command: [entry],
      local: {
        tryBundle(outputDirectory) {
          const kept = process.env[keptBundles];
          if (kept === undefined) bundle(entry, outputDirectory);
          else copyBundle(entry, kept, outputDirectory);
          return true;
        },
      },
    },
  });
}

function copyBundle(entry: string, bundles: string, outputDirectory: string): void {
  if (!existsSync(bundles)) bundleAll(bundles);
  cpSync(folderIn(bundles, entry), outputDirectory, { recursive: true });
}

/** Writes the bundle of each function to a folder of its own. */
export function bundleAll(bundles: string): void {
  for (const { entry } of Object.values(functions)) bundle(entry, folderIn(bundles, entry));
}

/** The bundles, by the handler's file. They stay in memory, because each needs most of what the others need too. */
let built: Map<string, Bundle> | undefined;

interface Bundle {
  readonly files: readonly { readonly name: string; readonly contents: string | Uint8Array }[];
  /** By source: its path from the root of the project. */
  readonly inputs: object;
}

/**
 * Writes `index.mjs`, its source map, and the files that the handler reads at run time.
 * @throws Error of esbuild if the sources do not build
 */
export function bundle(entry: string, outputDirectory: string): void {
  built ??= buildAll();
  const bundled = built.get(entry);
  if (!bundled) throw new Error(`${entry} is no handler of lib/functions.ts.`);
  mkdirSync(outputDirectory, { recursive: true });
  for (const { name, contents } of bundled.files) writeFileSync(join(outputDirectory, name), contents);
  copyFilesBeside(bundled.inputs, root, outputDirectory);
}

/** Bundles all functions at once: esbuild then parses what they share only once, in half the time. */
function buildAll(): Map<string, Bundle> {
  const require = createRequire(import.meta.url);
  // oxlint-disable typescript/no-unsafe-assignment -- loaded if needed: the package does not depend on them
  const { buildSync }: typeof Esbuild = require('esbuild');
  const codec: typeof Codec = require('@jridgewell/sourcemap-codec');
  // oxlint-enable typescript/no-unsafe-assignment
  const entries = Object.values(functions).map(({ entry }) => entry);
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: entries.map((entry) => ({ in: entry, out: `${basename(entry, '.ts')}/index` })),
    outdir: join(root, 'dist'),
    outExtension: { '.js': '.mjs' },
    write: false,
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    ...moduleOptions,
  });
  return new Map(
    entries.map((entry) => {
      const name = basename(entry, '.ts');
      const files = outputFiles
        .filter(({ path }) => basename(dirname(path)) === name)
        .map(({ path, contents, text }) => ({
          name: basename(path),
          contents: path.endsWith('.map') ? ownSourceMap(text, codec) : contents,
        }));
      return [entry, { files, inputs: metafile.outputs[`dist/${name}/index.mjs`]?.inputs ?? {} }];
    }),
  );
}
