/**
 * The cloud assembly (templates and bundled functions) that the embedded cloud runs. The CDK app makes it, and only if
 * its inputs have changed. Each state of the inputs has its own folder, named by the digests of this version and of the
 * configuration, and renamed into place when it is complete. So a run under way keeps its functions, and two starts can
 * overlap: the second waits for the assembly that the first makes. The bundles do not depend on the configuration: those
 * of the newest version are kept beside the assemblies, and only the templates are made again if a setting changes.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { access, chmod, cp, mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stackNames } from '../../lambdas/contract/outputs.ts';
import { configFile } from '../../lib/config/load-workspaces.ts';
import { keptBundles } from '../../lib/kept-bundles.ts';
import { UsageError } from '../cli/usage-error.ts';
import { readAssembly } from '../cloud/cloudformation/template.ts';
import { oneAtATime } from './one-at-a-time.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** An installed package uses `node_modules/.cache`, where tools of npm keep their caches. */
const cache = existsSync(join(root, 'functions')) ? join(root, '../../.cache/prospect-lake') : join(root, '.cache');
const assemblies = join(cache, 'assemblies');
const program = join(root, 'program', `run${extname(import.meta.url)}`);
const unusedMilliseconds = 7 * 86_400_000;
/** Characters of each of the two digests in the name of an assembly. */
const digestLength = 32;
/** Prefix of the name of an assembly that is being made. */
const unfinished = '.making-';
/** Ends the name of the folder of kept bundles. It begins like the names of the assemblies of its version. */
const bundlesEnding = '.bundles';
const inputs = [
  'lib',
  'lambdas',
  'functions',
  'shared-functions',
  'local/cloud/direct-sdk',
  'program',
  'cdk.json',
  'package.json',
  'package-lock.json',
];

/** Folder of the assembly of the current inputs, whether it has been made or not. */
export function assemblyFolder(): string {
  return join(assemblies, `${versionDigest()}${digestOf([fileURLToPath(configFile())])}`);
}

/**
 * Makes the assembly of the current inputs, unless it exists, and returns its folder.
 * @param onMake called before an assembly is made, which takes up to a minute
 */
export async function currentAssembly(
  onMake: () => void = () => {},
  folder: string = assemblyFolder(),
): Promise<string> {
  if (!existsSync(folder)) {
    onMake();
    await mkdir(assemblies, { recursive: true });
    await oneAtATime(`${assemblies}.lock`, () => make(folder));
  }
  // Lets all users of a shared checkout run the assembly. It holds no secret.
  await chmod(folder, 0o755).catch(() => {});
  await access(folder, constants.R_OK | constants.X_OK);
  // Marks the assembly as used. Another user's assembly can be used, but not marked.
  await utimes(folder, new Date(), new Date()).catch(() => {});
  return folder;
}

/**
 * An assembly of this version with the stacks of a workspace, whatever else the configuration said when it was made.
 * Commands that run no function need no other: they use the names in it, and the configuration changes none of them.
 * @returns undefined if none has been made
 */
export async function assemblyOfAnyConfiguration(workspace: string): Promise<string | undefined> {
  const version = versionDigest();
  const names = existsSync(assemblies) ? await readdir(assemblies) : [];
  for (const name of names.filter((each) => each.startsWith(version) && extname(each) === '')) {
    const folder = join(assemblies, name);
    if ((await readAssembly(folder)).stacks.has(stackNames(workspace).pipeline)) return folder;
  }
  return undefined;
}

/** Begins the name of each assembly of this version. */
function versionDigest(): string {
  return digestOf(inputs.map((input) => join(root, input)).filter((path) => existsSync(path)));
}

/** Folder of the functions that are bundled together: one file for each function, and their common code. */
export const sharedFunctions = (folder: string): string => join(folder, 'functions');

async function make(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const kept = `${folder.slice(0, -digestLength)}${bundlesEnding}`;
  await prune(kept);
  const made = await mkdtemp(join(assemblies, unfinished));
  // Ctrl-C ends the process without an error.
  const remove = () => rmSync(made, { recursive: true, force: true });
  process.on('exit', remove);
  try {
    if (existsSync(kept)) await synthesize(made, kept);
    else await synthesizeAndBundle(made, kept);
    await cp(sharedFunctions(kept), sharedFunctions(made), { recursive: true });
    await rename(made, folder);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    // Another process may have made the same assembly meanwhile. Then use that one.
    if (!existsSync(folder)) throw error;
  } finally {
    process.off('exit', remove);
  }
}

/** The bundles appear under the name `kept` when all of them are made. */
async function synthesizeAndBundle(made: string, kept: string): Promise<void> {
  const bundles = join(made, 'bundles');
  await synthesize(made, bundles);
  // Imported only when needed, because it loads the CDK.
  await (await import('./bundled-functions.ts')).bundleFunctions(sharedFunctions(bundles));
  await rename(bundles, kept);
}

/**
 * Deletes assemblies that no run has used for a week, since each change of a source makes a new one, and the bundles of
 * other versions. Also deletes what a killed process left unfinished, because only one process makes an assembly at a
 * time.
 */
async function prune(kept: string): Promise<void> {
  for (const name of await readdir(assemblies)) {
    const path = join(assemblies, name);
    const { mtimeMs } = await stat(path);
    const isOld = name.endsWith(bundlesEnding) ? path !== kept : Date.now() - mtimeMs > unusedMilliseconds;
    if (name.startsWith(unfinished) || isOld) await rm(path, { recursive: true, force: true });
  }
}

/** Reads the files synchronously, which is faster for hundreds of small ones. */
function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const isFolder = !/\.\w+$/.test(path);
    const files = isFolder
      ? readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      : undefined;
    const names = files ? files.map((file) => join(file.parentPath, file.name)).toSorted() : [path];
    for (const name of names) hash.update(name).update(readFileSync(name));
  }
  return hash.digest('hex').slice(0, digestLength);
}

/** Makes the templates in a process of its own, which frees the memory of the CDK. */
async function synthesize(folder: string, bundles: string): Promise<void> {
  const child = spawn(process.execPath, [program, 'synth', '--out', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Without it, the CDK validates the templates for seconds, and nobody would see what it warns of.
    env: { ...process.env, CDK_VALIDATION: 'false', [keptBundles]: bundles },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  if (code !== 0) throw whyNotMade(code, errors);
}

/** After `git pull`, a checkout may lack a package that a new version needs: that takes one line. */
export function whyNotMade(code: number | null, errors: string): Error {
  const [, bundled, imported] = /Could not resolve "([^".][^"]*)"|Cannot find package '([^']+)'/.exec(errors) ?? [];
  const name = bundled ?? imported;
  if (name === undefined) return new Error(`The templates could not be made (exit ${code}):\n${errors}`);
  return new UsageError(`The functions cannot be built: the package ${name} is not installed. Install it: npm ci`, 1);
}
