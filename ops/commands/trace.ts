import { z } from 'zod';
import { chunkKey, parquetFile, prefixes, reportKey } from '../../lambdas/contract/object-keys.ts';
import { runReport } from '../../lambdas/contract/run.ts';
import { readParquet } from '../../lambdas/core/parquet/read.ts';
import { readJson } from '../../lambdas/core/stored-json.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { readCommand } from '../command.ts';
import type { Target } from '../target.ts';

const withIds = streams.filter(({ key }) => key.length === 1 && key[0] === 'id').map(({ name }) => name);

const input = z.strictObject({
  table: z.string('the table is missing').refine((name) => withIds.includes(name), {
    error: `the table has to be one whose rows have an id: ${withIds.join(', ')}`,
  }),
  id: z.string('the id is missing').min(1),
});

const row = z.object({
  id: z.unknown(),
  _run_id: z.string(),
  _extracted_at: z.date(),
  _request_id: z.string().nullish(),
});

/** Where one version of a row came from. */
interface Origin {
  readonly file: string;
  readonly runId: string;
  readonly runStatus: string;
  readonly extractedAt: string;
  readonly requestId: string | null;
  /** Gone once its lifecycle rule has expired it. */
  readonly chunk: string | null;
}

export const trace = readCommand({
  name: 'trace',
  summary: 'Where each version of a row came from: its run, raw chunk, time, and the request_id of the vendor.',
  positionals: ['table', 'id'],
  flags: {},
  input,
  async read(target, { table, id }) {
    const origins = (await originsOf(target, table, id)).toSorted((a, b) => a.extractedAt.localeCompare(b.extractedAt));
    if (origins.length === 0) return { lines: [`No file of ${table} has the row ${id}.`], data: origins, ok: false };
    const lines = origins.flatMap((origin) => [
      `${origin.extractedAt}  request ${origin.requestId ?? 'without an id'}`,
      `  run    ${origin.runId} (${origin.runStatus})`,
      `  chunk  ${origin.chunk ?? 'expired'}`,
      `  file   ${origin.file}`,
    ]);
    return { lines, data: origins };
  },
});

/** Reads four columns of each file of the table, one file at a time. */
async function originsOf({ store }: Target, table: string, id: string): Promise<Origin[]> {
  const origins: Origin[] = [];
  for await (const { key } of store.list(`${prefixes.lake}${table}/`)) {
    const made = parquetFile(key);
    const object = made && (await store.get(key));
    if (!object) continue;
    const rows = await readParquet(object.body, ['id', '_run_id', '_extracted_at', '_request_id']);
    for (const found of rows.filter((each) => each['id'] === id)) {
      const { _run_id: runId, _extracted_at: at, _request_id: requestId } = row.parse(found);
      const chunk = chunkKey(table, made.runId, made.taskId, made.sequence);
      const report = await readJson(store, reportKey(runId), runReport);
      origins.push({
        file: key,
        runId,
        runStatus: report?.value.status ?? 'without a report',
        extractedAt: at.toISOString(),
        requestId: requestId ?? null,
        chunk: (await store.head(chunk)) ? chunk : null,
      });
    }
  }
  return origins;
}
