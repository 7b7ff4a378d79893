/** Reads and stores one page as the extract function does, then prints the number of rows and its peak memory. */

import { createHttpApi } from '../../../lambdas/adapters/http-api.ts';
import { createS3Store } from '../../../lambdas/adapters/s3-store.ts';
import { createSqsQueue } from '../../../lambdas/adapters/sqs-queue.ts';
import { createRateLimiter } from '../../../lambdas/core/api/rate-limiter.ts';
import { rememberListing } from '../../../lambdas/core/api/paging-guard.ts';
import { gatherChunk } from '../../../lambdas/core/extract/gather-chunk.ts';
import { readSelection, start } from '../../../lambdas/core/extract/read-selection.ts';
import { ChunkLog } from '../../../lambdas/core/rows/chunk-log.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { MemoryLog, MemoryMetrics } from '../../support/memory-log.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const [, , baseUrl = ''] = process.argv;
// The function loads these clients too, so their memory counts.
process.env['AWS_REGION'] = 'eu-central-1';
createS3Store('bucket');
createSqsQueue('https://sqs.test/1/queue');

const clock = { now: () => new Date() };
const api = createHttpApi({
  baseUrl,
  apiKey: async () => 'test-key',
  limiter: createRateLimiter(60_000),
  clock,
  log: new MemoryLog(),
  metrics: new MemoryMetrics(),
});
const deadline = { remainingMilliseconds: () => 300_000 };
const selection = { kind: 'list' as const };
const reading = { stream: leads, selection, api, deadline, pageSize: 100, inFlight: 8, memory: rememberListing() };
const { lines, end } = await gatherChunk(readSelection(reading, start), start, {
  deadline,
  isOverdue: () => false,
});
await new ChunkLog(new MemoryStore(), leads.name, 'nightly-20261124T020000000Z', 'leads.0').append(0, lines, {
  item: 1,
  cursor: null,
  pages: 0,
  askedAt: clock.now().toISOString(),
  requests: 1,
  retries: 0,
});
process.stdout.write(
  JSON.stringify({ rows: lines.rows, bytes: lines.bytes, end, peakBytes: process.resourceUsage().maxRSS * 1024 }),
);
