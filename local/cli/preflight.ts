/** Checks before anything is started or written. Each failure is one line that says what to do. */

import { constants } from 'node:fs';
import { access, mkdir, readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isUntrustedCode } from '../../lambdas/core/api/tls-codes.ts';
import { workspaceIdIn } from '../../lambdas/core/plan/identity.ts';
import { connectionWords, errorCode } from './connection-words.ts';
import { UsageError } from './usage-error.ts';

const attempts = 3;
const timeoutMilliseconds = 15_000;
/** Mode of a new output folder: its rows hold personal data. */
const ownerOnly = 0o700;

/**
 * Asks the API to whom the key belongs. Fails only if the API refuses the key or does not answer at all: other errors
 * may be temporary, and the pipeline itself handles them.
 * @param keyFrom where the key comes from, for the message that it is refused
 * @returns id of the workspace, or null if the answer does not contain it
 */
export async function checkApi(baseUrl: string, apiKey: string, keyFrom: string): Promise<string | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await fetch(`${baseUrl}/me`, {
        headers: { authorization: `Bearer ${apiKey}` },
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMilliseconds),
      });
      const text = await answer.text();
      if (answer.status === 401) {
        throw new UsageError(
          `The API at ${baseUrl} refused the key from ${keyFrom} (401). Check that it is whole, not revoked and not expired, and that it belongs to this address.`,
        );
      }
      return workspaceIdIn(text) ?? null;
    } catch (error) {
      if (error instanceof UsageError) throw error;
      if (attempt < attempts && !isUntrustedCode(errorCode(error))) continue;
      const { says, todo } = connectionWords(error, baseUrl, process.env);
      throw new UsageError(`${says} ${todo}`);
    }
  }
}

/**
 * Creates the output folder if it is missing, and checks that the folder and the report can be written, and that the
 * folder holds nothing but a lake. If not, deletes the folders that it created.
 */
export async function checkPaths(out: string, report: string | undefined): Promise<void> {
  const made: string[] = [];
  try {
    await checkOutput(out, made);
    await checkContent(out);
    // Checked after the output folder, because the report may be in it.
    if (report !== undefined) await checkReport(report);
  } catch (error) {
    for (const folder of made.toReversed()) await rmdir(folder);
    throw error;
  }
}

async function checkOutput(out: string, made: string[]): Promise<void> {
  const probe = join(out, '.write-probe');
  try {
    await makeFolder(resolve(out), made, ownerOnly);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw new UsageError(`The folder ${out} cannot be written (${errorCode(error)}). Choose another with --out.`);
  }
}

/** What shows that a folder holds a lake: one of a local run, or a copy of a bucket. */
const lakeFiles = ['source.json', 'simulator.json', '.cloud', 'state', 'lake', 'raw', 'current'];

/** Refuses the folder of somebody's own files, because a run writes an `index.html`, among others. */
async function checkContent(out: string): Promise<void> {
  const names = await readdir(out);
  if (names.every((name) => name.startsWith('.')) || lakeFiles.some((name) => names.includes(name))) return;
  throw new UsageError(`The folder ${out} is not empty and holds no lake: choose another with --out.`);
}

/** Creates a folder and its missing parents. Node's own recursive mkdir never returns for a folder in /proc. */
async function makeFolder(path: string, made: string[], mode?: number): Promise<void> {
  const existing = await stat(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (existing?.isDirectory()) return;
  if (!existing) await makeFolder(dirname(path), made);
  await mkdir(path, { mode });
  made.push(path);
}

/** Checks that the report can be written after the run, without changing an existing report. */
async function checkReport(report: string): Promise<void> {
  const path = resolve(report);
  try {
    const existing = await stat(path).catch(() => undefined);
    if (existing?.isDirectory()) throw new UsageError(`--report ${report} is a folder; name a file.`);
    await access(existing ? path : dirname(path), constants.W_OK);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `The report ${report} cannot be written (${errorCode(error)}). Choose another path with --report.`,
    );
  }
}
