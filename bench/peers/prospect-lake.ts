import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { requestsPerMinuteBounds } from '../../lib/config/whole-number.ts';
import type { Contender } from './contender.ts';

/** What `npx prospect-lake start --report` writes. */
const report = z.object({ tables: z.record(z.string(), z.object({ rowsWritten: z.number() })) });
const reportOf = (folder: string) => join(folder, 'report.json');

export const prospectLake: Contender = {
  name: 'Prospect Lake',
  does: '`npm start`: the deployed functions on the embedded cloud; raw answers, history as Parquet, current tables in Iceberg, a report, proofs of completeness.',
  reads: () => true,
  readsDetails: true,
  prepare: async ({ apiUrl, apiKey, folder }) => [
    process.execPath,
    fileURLToPath(new URL('../../bin/prospect-lake.js', import.meta.url)),
    'start',
    '--api-url',
    apiUrl,
    '--api-key',
    apiKey,
    '--requests-per-minute',
    String(requestsPerMinuteBounds.most),
    '--out',
    join(folder, 'out'),
    '--report',
    reportOf(folder),
  ],
  rowsOf: async ({ folder }) => {
    const { tables } = report.parse(JSON.parse(await readFile(reportOf(folder), 'utf8')));
    return new Map(Object.entries(tables).map(([name, { rowsWritten }]) => [name, rowsWritten]));
  },
};
