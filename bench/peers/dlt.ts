import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Contender } from './contender.ts';

export const dlt: Contender = {
  name: 'dlt',
  does: 'Its REST source with parallelized resources; writes Parquet files. Appends: no current tables.',
  requirements: 'dlt',
  reads: () => true,
  prepare: async ({ apiUrl, apiKey, pageSize, folder }, endpoints, programs) => {
    const file = join(folder, 'endpoints.json');
    await writeFile(file, JSON.stringify(endpoints));
    const script = fileURLToPath(new URL('dlt_pipeline.py', import.meta.url));
    return [join(programs, 'python'), script, apiUrl, apiKey, file, String(pageSize), folder];
  },
  rowsOf: async ({ folder }, endpoints) => {
    const database = await (await DuckDBInstance.create()).connect();
    const counts = new Map<string, number>();
    for (const { name } of endpoints) {
      const table = join(folder, 'lake', 'workspace', name);
      // dlt writes no folder for a table without rows.
      if (!existsSync(table)) continue;
      const found = await database.runAndReadAll(`select count(*) from read_parquet('${table}/*.parquet')`);
      counts.set(name, Number(found.getRows()[0]?.[0]));
    }
    database.closeSync();
    return counts;
  },
};
