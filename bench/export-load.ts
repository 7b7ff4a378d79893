/** Loads export files with the deployed functions; measures the time and each function's peak memory. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { currentAssembly } from '../local/run/assembly.ts';
import { startCloud } from '../local/cloud/cloud.ts';
import { localEnvironment } from '../local/run/run-pipeline.ts';
import type { Bench } from './bench.ts';

const bucket = 'bench-exports';
const runId = 'export-20260101T000000000Z';
const patience = 30 * 60_000;

function csvOf(rows: number): Buffer {
  const lines = ['id,full_name,email,company_name,title,tags,is_qualified,created_at,updated_at\r\n'];
  for (let row = 0; row < rows; row += 1)
    lines.push(
      `lead-${row},"Person ""${row}""\nof the bench",p${row}@example.com,Company ${row % 977},Title ${row % 31},a;b,true,2026-01-01T00:00:00.000Z,2026-02-01T00:00:00.000Z\r\n`,
    );
  return Buffer.from(lines.join(''));
}

async function measure(rows: number): Promise<(string | number)[]> {
  const out = await mkdtemp(join(tmpdir(), 'bench-exports-'));
  const cloud = await startCloud({
    assembly: await currentAssembly(),
    out,
    timeScale: 20,
    buckets: [bucket],
    environment: {
      ...localEnvironment({
        apiUrl: 'http://127.0.0.1:9/api/public/v1',
        streams: undefined,
        startDate: undefined,
        requestsPerMinute: 60,
        timeScale: 20,
      }),
      EXPORT_SOURCE: JSON.stringify({ bucket, prefix: '' }),
    },
  });
  try {
    const Body = csvOf(rows);
    const { s3, sqs } = cloud.clients();
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'bench.csv', Body }));
    const startedAt = new Date().toISOString();
    const load = { step: 'load', runId, exportId: 'bench', startedAt, fileKey: 'bench.csv', rowCount: rows };
    const MessageBody = JSON.stringify({ ...load, complete: false, check: 0 });
    const began = Date.now();
    await sqs.send(new SendMessageCommand({ QueueUrl: cloud.queueUrl('export-queue'), MessageBody }));
    await cloud.idle(patience);
    const peak = (name: string) =>
      Math.round((cloud.memory().find(({ functionName }) => functionName === name)?.peakBytes ?? 0) / 2 ** 20);
    return [rows, Math.round(Body.length / 1e6), (Date.now() - began) / 1_000, peak('export'), peak('convert')];
  } finally {
    await cloud.stop();
    await rm(out, { recursive: true, force: true });
  }
}

export const exportLoadBench: Bench = {
  name: 'Loading an export file',
  async run({ leads }) {
    const rows = [await measure(Math.ceil(leads / 10)), await measure(leads)];
    return { head: ['rows', 'MB', 'seconds', 'export, peak MiB', 'convert, peak MiB'], rows };
  },
};
