/** Traces forward: finds the rows that came from a request, a raw chunk or a run. */

import { z } from 'zod';
import { chunkKey, prefixes } from '../../lambdas/contract/object-keys.ts';
import { rejectedRows } from '../../lambdas/contract/pipeline-tables.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { DamagedObjectError } from '../../lambdas/core/store/stored-object.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import type { Outcome } from '../command.ts';
import { Damage } from '../lake/damage.ts';
import { readRows } from '../lake/read-rows.ts';
import { readRunRecord } from '../lake/run-record.ts';
import { chunkName, filesOf, readChunkRows } from './chunk-rows.ts';
import { findVersions, type Tables } from './find-versions.ts';
import { createOriginFinder } from './origins.ts';

const linesShown = 100;

export async function rowsOfRequest(request: string, streams: readonly Stream[], tables: Tables): Promise<Outcome> {
  const { store } = tables;
  const damage = new Damage();
  const originOf = createOriginFinder(store, damage);
  const rows: { table: string; id: string | null; runId: string; chunk: string | null; line: number | null }[] = [];
  for (const stream of streams) {
    for await (const version of findVersions(stream, tables, damage, ({ requestId }) => requestId === request)) {
      const { table, id, runId, chunk, line } = await originOf(stream, version);
      rows.push({ table, id, runId, chunk, line });
    }
  }
  rows.push(...(await rejectedOf(request, store, damage)));
  const lines = rows.map(
    ({ table, id, chunk, line }) =>
      `${table} ${id ?? 'set aside'}  ${chunk ?? 'chunk expired or damaged'}${line === null ? '' : `, line ${line}`}`,
  );
  return withDamage(damage, {
    lines: shown(lines, 'row', `of request ${request}`),
    data: [...rows, ...unreadable(damage)],
    ok: rows.length > 0,
  });
}

const rejectedRow = z.object({
  raw_key: z.string(),
  line: z.bigint(),
  table_name: z.string(),
  _run_id: z.string(),
  _request_id: z.string().nullable(),
});

async function rejectedOf(request: string, store: ObjectStore, damage: Damage) {
  const rows: { table: string; id: null; runId: string; chunk: string; line: number }[] = [];
  const columns = Object.keys(rejectedRow.shape);
  for await (const { key } of store.list(`${prefixes.lake}${rejectedRows.name}/`)) {
    if (!key.endsWith('.parquet')) continue;
    const parse = (row: unknown) => rejectedRow.parse(row);
    const all = (await damage.skipIfDamaged(() => readRows(key, columns, parse, store))) ?? [];
    for (const { raw_key: chunk, line, table_name: table, _run_id: runId, _request_id: id } of all)
      if (id === request) rows.push({ table, id: null, runId, chunk, line: Number(line) });
  }
  return rows;
}

/** The rows that came from a raw chunk. @throws UsageError if the chunk has expired or is damaged */
export async function rowsOfChunk(key: string, store: ObjectStore): Promise<Outcome> {
  const name = chunkName(key);
  const rows = name && (await readChunkRows(streamNamed(name.stream), name, store).catch(asUsageError));
  if (!rows)
    throw new UsageError(
      `There is no raw chunk ${key}; its lifecycle rule may have expired it. --run tells its file.`,
      1,
    );
  const damage = new Damage();
  const files = await filesOf(name, store, damage);
  const lines = rows.map(({ line, id, requestId, forgottenOn: day }) =>
    day === undefined
      ? `line ${line}  ${name.stream} ${id ?? 'set aside'}  ${requestId ?? 'without an id'}`
      : `line ${line}  ${name.stream} forgotten on ${day}`,
  );
  return withDamage(damage, {
    lines: [...files.map((file) => `file ${file}`), ...shown(lines, 'row', `of ${key}`)],
    data: { table: name.stream, runId: name.runId, taskId: name.taskId, files, rows },
  });
}

function asUsageError(error: unknown): never {
  if (error instanceof DamagedObjectError) throw new UsageError(`${error.message} --run tells its file.`, 1);
  throw error;
}

export async function rowsOfRun(runId: string, store: ObjectStore): Promise<Outcome> {
  const damage = new Damage();
  const { report, converted } = await readRunRecord(runId, store, damage);
  const chunks = converted
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
    ({ chunk, rows, rejected, files }) =>
      `${chunk}  ${counted(rows, 'row')}, ${counted(rejected, 'rejected', 'rejected')}  ${files.join(' ')}`,
  );
  return withDamage(damage, {
    lines: [`Run ${runId}: ${status ?? 'without a report'}`, ...shown(lines, 'chunk', `of ${runId}`)],
    data: { runId, status, chunks, unreadable: damage.keys },
    ok: report !== undefined || chunks.length > 0,
  });
}

/**
 * Adds the skipped objects to an outcome. If there are any, the outcome is not ok: one of them may have contained the
 * rows.
 */
export function withDamage(damage: Damage, { lines, data, ok = true }: Outcome): Outcome {
  return { lines: [...lines, ...damage.lines], data, ok: ok && damage.keys.length === 0 };
}

/** Skipped objects, as entries of a list for a program. */
export function unreadable(damage: Damage): { unreadable: string }[] {
  return damage.keys.map((key) => ({ unreadable: key }));
}

function shown(lines: readonly string[], what: string, of: string): string[] {
  const more = lines.length - linesShown;
  return [
    `${counted(lines.length, what)} ${of}`,
    ...lines.slice(0, linesShown).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more (--json has all)`] : []),
  ];
}
