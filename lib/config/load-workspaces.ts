import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ConfigError, defineConfig } from './config.ts';
import type { WorkspaceConfig } from './workspace-config.ts';
import type { WorkspaceInput } from './workspace-input.ts';

const ending = "export const workspaces = defineConfig([{ name: 'main' }]);";
const endings = ['ts', 'mts', 'mjs', 'js'] as const;
/** The project's own file. In the installed package, it configures one workspace named `main`. */
const ownFile = new URL(`../../prospect-lake.config${extname(import.meta.url)}`, import.meta.url);

/**
 * The configuration: prospect-lake.config.ts (or .mts, .mjs, .js) of the working directory, otherwise that of this
 * project.
 */
export function configFile(): URL {
  const paths = endings.map((ending) => join(process.cwd(), `prospect-lake.config.${ending}`));
  const path = paths.find((candidate) => existsSync(candidate));
  return path === undefined ? ownFile : pathToFileURL(path);
}

/** Whether the working directory has no configuration. */
export const isDefaultConfig = (): boolean => configFile() === ownFile;

/** Name of the configuration file for messages, also if there is none yet. */
export function configFileName(): string {
  const name = basename(fileURLToPath(configFile()));
  // A compiled file of the package, whose name nobody has to know.
  return isDefaultConfig() ? name.replace(/\.js$/, '.mjs') : name;
}

/**
 * The checked workspaces of prospect-lake.config.ts. Every command that needs them calls this.
 * @throws ConfigError if the file cannot be read, or if something in it is wrong
 */
export async function loadWorkspaces(file: URL = configFile()): Promise<WorkspaceConfig[]> {
  const path = fileURLToPath(file);
  const name = basename(path);
  if (!existsSync(path))
    throw new ConfigError([
      `There is no ${name} in ${dirname(path)}: make one with import { defineConfig } from './lib/config/config.ts'; ${ending}`,
    ]);
  const exported = await load(file, name);
  if (exported['workspaces'] !== undefined) return defineConfig(workspacesIn(exported['workspaces'], name));
  const found = 'default' in exported ? 'has a default export instead' : 'does not';
  throw new ConfigError([`${name} has to export workspaces and ${found}: write ${ending}`]);
}

async function load(file: URL, name: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return z.record(z.string(), z.unknown()).parse({ ...(await import(file.href)) });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new ConfigError([
        `${name}: Node ${process.versions.node} cannot read TypeScript. Name the file prospect-lake.config.mjs, or use Node 24.`,
      ]);
    const what = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`${name}${lineOf(error, file)}: ${what.split('\n')[0]}. Fix this, or undo the change.`]);
  }
}

/**
 * The line of the error in the configuration file, as `:<line>`. Node gives the line of a syntax error at the top of
 * the stack; other errors have it among the calls. Empty if the stack does not name the file.
 */
function lineOf(error: unknown, file: URL): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const place of [file.href, fileURLToPath(file)]) {
    const [, after] = stack.split(`${place}:`);
    const line = /^\d+/.exec(after ?? '');
    if (line) return `:${line[0]}`;
  }
  return '';
}

/** Checks that the export is a list, in case the file did not call defineConfig. defineConfig checks each entry. */
function workspacesIn(value: unknown, name: string): WorkspaceInput[] {
  const list = z.array(z.custom<WorkspaceInput>()).safeParse(value);
  if (list.success) return list.data;
  throw new ConfigError([`${name} exports workspaces, but not as a list: write ${ending}`]);
}
