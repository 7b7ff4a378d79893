import { z } from 'zod';
import { chunkKey, convertReceiptsPrefix, prefixes } from '../../lambdas/contract/object-keys.ts';
import { rejectedRows } from '../../lambdas/contract/pipeline-tables.ts';
import { type ConvertReceipt, convertReceipt, type RunReport } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { readParquet } from '../../lambdas/core/parquet/read.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { readJson } from '../../lambdas/core/stored-json.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { UsageError } from '../../local/usage-error.ts';
import { inBatches } from '../../lambdas/core/in-batches.ts';
import { counted } from '../counted.ts';
import type { Outcome } from '../command.ts';
import { chunkName, filesOf, readChunkRows } from './chunk-rows.ts';
import { findVersions } from './find-versions.ts';
import { createOriginFinder } from './origins.ts';

/** The way back: which rows came of a request, a raw chunk or a run. */

const linesShown = 100;

export async function rowsOfRequest(request: string, tables: readonly Stream[], store: ObjectStore): Promise<Outcome> {
  const originOf = createOriginFinder(store);
  const rows: { table: string; id: string | null; runId: string; chunk: string | null; line: number | null }[] = [];
  for (const stream of tables) {
    for await (const version of findVersions(stream, store, ({ requestId }) => requestId === request)) {
      const { table, id, runId, chunk, line } = await originOf(stream, version);
      rows.push({ table, id, runId, chunk, line });
    }
  }
  rows.push(...(await rejectedOf(request, store)));
  const lines = rows.map(
    ({ table, id, chunk, line }) =>
      `${table} ${id ?? 'set aside'}  ${chunk ?? 'chunk expired'}${line === null ? '' : `, line ${line}`}`,
  );
  return { lines: shown(lines, 'row', `of request ${request}`), data: rows, ok: rows.length > 0 };
}

const rejectedRow = z.object({ raw_key: z.string(), line: z.bigint(), table_name: z.string(), _run_id: z.string() });

async function rejectedOf(request: string, store: ObjectStore) {
  const rows: { table: string; id: null; runId: string; chunk: string; line: number }[] = [];
  for await (const { key } of store.list(`${prefixes.lake}${rejectedRows.name}/`)) {
    const object = await store.get(key);
    const all = object ? await readParquet(object.body, [...Object.keys(rejectedRow.shape), '_request_id']) : [];
    for (const row of all.filter((each) => each['_request_id'] === request)) {
      const { raw_key: chunk, line, table_name: table, _run_id: runId } = rejectedRow.parse(row);
      rows.push({ table, id: null, runId, chunk, line: Number(line) });
    }
  }
  return rows;
}

/** @throws UsageError where the chunk has expired, and nothing else tells its rows */
export async function rowsOfChunk(key: string, store: ObjectStore): Promise<Outcome> {
  const name = chunkName(key);
  const rows = name && (await readChunkRows(streamNamed(name.stream), name, store));
  if (!rows)
    throw new UsageError(
      `There is no raw chunk ${key}; its lifecycle rule may have expired it. --run tells its file.`,
      1,
    );
  const files = await filesOf(name, store);
  const lines = rows.map(
    ({ line, id, requestId }) => `line ${line}  ${name.stream} ${id ?? 'set aside'}  ${requestId ?? 'without an id'}`,
  );
  return {
    lines: [...files.map((file) => `file ${file}`), ...shown(lines, 'row', `of ${key}`)],
    data: { table: name.stream, runId: name.runId, taskId: name.taskId, files, rows },
  };
}

export async function rowsOfRun(runId: string, report: RunReport | undefined, store: ObjectStore): Promise<Outcome> {
  const keys: string[] = [];
  for await (const { key } of store.list(convertReceiptsPrefix(runId))) keys.push(key);
  const receipts: ConvertReceipt[] = [];
  await inBatches(keys, async (key) => {
    const receipt = await readJson(store, key, convertReceipt);
    if (receipt) receipts.push(receipt.value);
  });
  const chunks = receipts
    .map(({ stream, taskId, sequence, status, rowsOut, rowsRejected, files }) => ({
      table: stream,
      taskId,
      chunk: chunkKey(stream, runId, taskId, sequence),
      status,
      rows: rowsOut,
      rejected: rowsRejected,
      files: files.map(({ key }) => key),
    }))
    .toSorted((a, b) => a.chunk.localeCompare(b.chunk));
  const status = report?.status ?? null;
  const lines = chunks.map(
    ({ chunk, rows, rejected, files }) => `${chunk}  ${rows} rows, ${rejected} set aside  ${files.join(' ')}`,
  );
  return {
    lines: [`Run ${runId}: ${status ?? 'without a report'}`, ...shown(lines, 'chunk', `of ${runId}`)],
    data: { runId, status, chunks },
    ok: report !== undefined || chunks.length > 0,
  };
}

function shown(lines: readonly string[], what: string, of: string): string[] {
  const more = lines.length - linesShown;
  return [
    `${counted(lines.length, what)} ${of}`,
    ...lines.slice(0, linesShown).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more (--json has all)`] : []),
  ];
}
