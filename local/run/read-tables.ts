/** Which tables a run has read. The others are empty in the lake, whatever the API has. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { versionKeysPrefix } from '../../lambdas/contract/current-keys.ts';
import { pipelineStateKey, prefixes, reportKey } from '../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { historyName } from '../../lambdas/contract/stream.ts';
import type { ReadableStore } from '../../lambdas/core/ports.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { folderObjects } from './folder-objects.ts';

/** Those of the streams that a run has read, at least in part. */
export async function readTables(store: ReadableStore, names: readonly string[]): Promise<string[]> {
  // A list without rows has a watermark but no file.
  const state = await readJson(store, pipelineStateKey, pipelineState).catch(() => undefined);
  const read: string[] = [];
  for (const name of names) {
    const { done } = await store.list(versionKeysPrefix(name))[Symbol.asyncIterator]().next();
    if (!done || state?.value.watermarks[name] !== undefined) read.push(name);
  }
  return read;
}

/** The streams, among tables that a query names, that no run has read. Their histories count as they do. */
export async function unreadAmong(store: ReadableStore, tables: readonly string[]): Promise<string[]> {
  const asked = streams.filter((stream) => tables.includes(stream.name) || tables.includes(historyName(stream)));
  const names = asked.map(({ name }) => name);
  const read = await readTables(store, names);
  return names.filter((name) => !read.includes(name));
}

/** Without this sentence, the zero rows of a table that was not read would look like those of an empty list. */
export function unreadText(names: readonly string[]): string {
  const what = names.length === 1 ? 'it is' : 'they are';
  return `No run has read ${names.join(', ')}, so ${what} empty here, whatever the API has.`;
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
