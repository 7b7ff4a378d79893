/**
 * Measures how much a query reads after a year of nights: from a current table, from plain files with the same rows,
 * and from the view of a former layout.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createS3Store } from '../../lambdas/adapters/s3-store.ts';
import { loadTable } from '../../lambdas/core/iceberg/table.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { startMoto } from './servers.ts';
import { writeYear } from './year-tables.ts';

const { ENGINES_PYTHON = '' } = process.env;
const memory = new MemoryStore();
await writeYear(memory);
const moto = await startMoto(ENGINES_PYTHON);
try {
  const endpoint = `http://127.0.0.1:${moto.port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  const store = createS3Store('lake', s3);
  await inBatches([...memory.objects], ([key, { body }]) => store.put(key, body));
  const uris: string[] = [];
  for (const table of ['leads', 'jobs']) {
    const live = await loadTable(store, { root: 's3://lake/' }, table);
    uris.push(live?.metadataUri ?? '');
    const bytes = live?.files.reduce((sum, file) => sum + file.bytes, 0) ?? 0;
    process.stdout.write(
      `${table}: ${live?.files.length} data files, ${bytes} bytes, ${live?.metadata.snapshots.length} snapshots\n`,
    );
  }
  const script = fileURLToPath(new URL('read_year.py', import.meta.url));
  // Not spawnSync: meanwhile this process has to read the log that moto writes, or moto would stop.
  const reading = spawn(ENGINES_PYTHON, [script, endpoint, ...uris], { stdio: 'inherit' });
  const [status] = await once(reading, 'exit');
  process.exitCode = status === 0 ? 0 : 1;
} finally {
  await moto.stop();
}
