import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type CustomColumns, customColumns } from '../../lambdas/contract/custom-columns.ts';
import type { ChosenWorkspace } from '../cli/chosen-workspace.ts';
import { refuseKey } from './refused-start.ts';
import { readStored } from './stored-file.ts';
import { startCommand } from '../cli/out-flag.ts';
import { UsageError } from '../cli/usage-error.ts';

/** The source of the rows in an output folder. The watermarks in the folder are valid for this source only. */
const folderSource = z.object({
  kind: z.enum(['simulator', 'api']),
  /** Id of the workspace, as the API gave it; null if it did not. */
  workspace: z.string().nullable(),
  /** Name of the workspace in prospect-lake.config.ts; missing in folders of earlier versions. */
  configured: z.string().optional(),
  /** Most requests a minute of the last start, for commands on the folder; missing if it read the simulator. */
  requestsPerMinute: z.number().positive().optional(),
  /** Tables that the last start chose with `--streams`, for commands on the folder; missing if it chose none. */
  streams: z.array(z.string()).optional(),
  /** Columns that the configuration of the last start added; missing in folders of earlier versions. */
  customColumns: customColumns.optional(),
});
export type FolderSource = z.infer<typeof folderSource>;

const pathIn = (out: string) => join(out, 'source.json');
const names = { simulator: 'a simulated workspace', api: 'a workspace read from the API' };

/** @throws UsageError if no run has used the folder */
export async function readFolderSource(out: string): Promise<FolderSource> {
  if (!existsSync(pathIn(out)))
    throw new UsageError(
      `There is no local run under ${out}. Run ${startCommand(out)} first, or name its folder with --out.`,
    );
  return read(out);
}

/**
 * Compares a source with the stored one. A start that is refused leaves the folder as it was, but for a note that the
 * key belongs to another workspace.
 * @returns what {@link writeFolderSource} stores
 * @param keyFrom where the key of an API comes from
 * @throws UsageError if the folder holds rows of another source
 */
export async function checkFolderSource(
  out: string,
  source: Pick<FolderSource, 'kind' | 'workspace' | 'requestsPerMinute' | 'streams'>,
  { name, configured, customColumns: columns }: Pick<ChosenWorkspace, 'name' | 'configured' | 'customColumns'>,
  keyFrom: string,
): Promise<FolderSource> {
  const stored: FolderSource = existsSync(pathIn(out)) ? await read(out) : source;
  if (stored.kind !== source.kind) {
    // Most often the variables are missing in a new shell.
    const why =
      source.kind === 'simulator' && stored.kind === 'api'
        ? 'Set PROSPECTB2B_API_URL and PROSPECTB2B_API_KEY to read that workspace again. For a simulated one, choose'
        : 'Choose';
    throw new UsageError(`${out} holds the tables of ${names[stored.kind]}. ${why} another folder with --out.`);
  }
  await checkKeyOf(out, stored, source.workspace, keyFrom);
  const { configured: former } = stored;
  // If the former name is no longer configured, the workspace has been renamed.
  if (former !== undefined && former !== name && configured.includes(former))
    throw new UsageError(
      `${out} holds the tables of the workspace '${former}'. Choose another folder with --out, or --workspace ${former}.`,
    );
  const { requestsPerMinute, streams } = source;
  return { ...stored, configured: name, requestsPerMinute, streams, customColumns: columns };
}

/**
 * Refuses the key of another workspace, for commands whose functions read with it.
 * @param workspace id of the key's workspace; null if it is not known
 * @param keyFrom where the key comes from
 * @throws OtherWorkspaceError if the folder holds rows of another workspace of the API
 */
export async function checkFolderWorkspace(out: string, workspace: string | null, keyFrom: string): Promise<void> {
  await checkKeyOf(out, await read(out), workspace, keyFrom);
}

async function checkKeyOf(
  out: string,
  { workspace: ofFolder }: Pick<FolderSource, 'workspace'>,
  ofKey: string | null,
  keyFrom: string,
): Promise<void> {
  if (ofFolder === null || ofKey === null || ofFolder === ofKey) return;
  await refuseKey(out, { keyFrom, ofKey, ofFolder });
}

/** Stores the source of a start, for commands on the folder and for the next start. */
export async function writeFolderSource(out: string, source: FolderSource): Promise<void> {
  await writeFile(pathIn(out), JSON.stringify(source));
}

/** The configured name of the workspace with which the folder was last started, or undefined if unknown. */
export async function configuredFor(out: string): Promise<string | undefined> {
  return existsSync(pathIn(out)) ? (await read(out)).configured : undefined;
}

/** Most requests a minute of the last start on the folder, or undefined if it had no limit or is not known. */
export async function rateOfLastStart(out: string): Promise<number | undefined> {
  return existsSync(pathIn(out)) ? (await read(out)).requestsPerMinute : undefined;
}

/** Tables that the last start on the folder chose with `--streams`, or undefined if it chose none or is not known. */
export async function streamsOfLastStart(out: string): Promise<readonly string[] | undefined> {
  return existsSync(pathIn(out)) ? (await read(out)).streams : undefined;
}

/**
 * The columns that the configuration of the last start added to the tables of the folder. A program that another one
 * starts, in whatever working directory, finds them here.
 */
export async function configuredColumns(out: string): Promise<CustomColumns> {
  return existsSync(pathIn(out)) ? ((await read(out)).customColumns ?? {}) : {};
}

/** Name of the workspace of the last start in prospect-lake.config.ts; undefined if it is not known. */
export async function configuredName(out: string): Promise<string | undefined> {
  return existsSync(pathIn(out)) ? (await read(out)).configured : undefined;
}

function read(out: string): Promise<FolderSource> {
  return readStored(pathIn(out), folderSource, `Choose another folder with --out, or delete ${out}.`);
}
