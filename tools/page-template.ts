import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = new URL('../page/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');

/**
 * The page without its content: one file with its style and its script, d3 and Observable Plot included. Its policy
 * allows that script alone, and no request.
 */
export async function pageTemplate(): Promise<string> {
  const { text: script, packages } = await pageScript();
  const { text: style } = await bundled({ entryPoints: ['style.css'] });
  const hash = createHash('sha256').update(script).digest('base64');
  return read('template.html')
    .replace('/* licences */', () => notice(packages))
    .replace('/* style */', () => style)
    .replace('/* script */', () => script)
    .replace('script-hash', () => `'sha256-${hash}'`);
}

/** Names of the packages that the page contains. */
export async function pagePackages(): Promise<readonly string[]> {
  return (await pageScript()).packages;
}

const pageScript = () => bundled({ entryPoints: ['main.ts'], format: 'iife' });

async function bundled(options: { entryPoints: string[]; format?: 'iife' }) {
  const { outputFiles, metafile } = await build({
    ...options,
    absWorkingDir: fileURLToPath(folder),
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'error',
  });
  // Escapes `</`, which could end the script element in the middle of the script.
  const text = (outputFiles[0]?.text ?? '').trim().replaceAll('</', String.raw`<\/`);
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const names = used.flatMap(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return { text, packages: [...new Set(names)].toSorted() };
}

/** The licences of the packages in the script. A paragraph that several of them share appears once. */
function notice(packages: readonly string[]): string {
  const licences = packages.map((name) => read(`../node_modules/${name}/LICENSE`));
  const paragraphs = new Set(licences.flatMap((text) => text.trim().split(/\n{2,}/)));
  return `This page contains ${packages.join(', ')}.\n\n${[...paragraphs].join('\n\n')}`;
}
