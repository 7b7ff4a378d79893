import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contenders } from '../../bench/parquet-contenders.ts';
import { writeChunks } from '../../bench/parquet-input.ts';
import { tableOf } from '../../lambdas/contract/stream.ts';
import { leads } from '../../lambdas/streams/leads.ts';
import { leadMessages } from '../../lambdas/streams/messages.ts';
import { readWithHyparquet } from '../support/parquet-readers.ts';

describe.each([leads, leadMessages].map((stream) => [stream.name, stream] as const))(
  'the race on %s',
  (_name, stream) => {
    const names = Object.keys(tableOf(stream).columns);
    const whole = (row: Record<string, unknown>) => Object.fromEntries(names.map((name) => [name, row[name] ?? null]));

    it('is for the same table: all contenders make the same rows, but for the digests of the one without', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'prospect-lake-contenders-'));
      try {
        const [chunk = ''] = writeChunks(folder, stream, 40);
        const tables = new Map<string, Record<string, unknown>[]>();
        for (const [name, prepare] of Object.entries(contenders)) {
          const parquet = join(folder, `${name}.parquet`);
          await (await prepare(stream))(chunk, parquet);
          const rows = await readWithHyparquet(await readFile(parquet));
          tables.set(name, rows.map(whole));
        }
        const ours = tables.get('prospect-lake') ?? [];
        expect(ours).toHaveLength(40);
        expect(tables.get('parquetjs-lite')).toEqual(ours);
        expect(tables.get('DuckDB')).toEqual(ours);
        expect(tables.get('DuckDB, no digests')).toEqual(ours.map((row) => ({ ...row, _digest: null })));
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  },
);
