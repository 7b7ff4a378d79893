/** Which tables a run has read. The others are empty in the folder, whatever the API has. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { versionKeysPrefix } from '../../lambdas/contract/current-keys.ts';
import { pipelineStateKey, prefixes, reportKey } from '../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { folderObjects } from './folder-objects.ts';

/** Those of the streams that a run has read, at least in part. */
export async function readTables(out: string, names: readonly string[]): Promise<string[]> {
  const store = folderObjects(out);
  // A list without rows has a watermark but no file.
  const state = await readJson(store, pipelineStateKey, pipelineState).catch(() => undefined);
  const read: string[] = [];
  for (const name of names) {
    const { done } = await store.list(versionKeysPrefix(name))[Symbol.asyncIterator]().next();
    if (!done || state?.value.watermarks[name] !== undefined) read.push(name);
  }
  return read;
}

/** The report of the newest nightly run that has ended; undefined if there is none that can be read. */
export async function lastReport(out: string): Promise<RunReport | undefined> {
  const runs = await readdir(join(out, prefixes.runs)).catch(() => []);
  const store = folderObjects(out);
  for (const runId of runs
    .filter((name) => name.startsWith('nightly-'))
    .toSorted()
    .toReversed()) {
    const report = await readJson(store, reportKey(runId), runReport).catch(() => undefined);
    if (report) return report.value;
  }
  return undefined;
}
