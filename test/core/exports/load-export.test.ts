import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { extractReceiptKey } from '../../../lambdas/contract/object-keys.ts';
import type { ExportMessage } from '../../../lambdas/contract/messages.ts';
import { loadExport } from '../../../lambdas/core/exports/load-export.ts';
import { leadExports } from '../../../lambdas/streams/lead-exports.ts';
import { ample, FixedClock } from '../../support/fixed-clock.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { MemoryQueue } from '../../support/memory-queue.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const message: Extract<ExportMessage, { step: 'load' }> = {
  step: 'load',
  runId: 'export-20261124T020000000Z',
  exportId: 'exp_1',
  startedAt: '2026-11-24T02:00:00.000Z',
  fileKey: 'leads.csv.gz',
  rowCount: null,
  complete: true,
  check: 0,
};

it('a damaged export file fails its task with its name, and the rows before the damage are kept', async () => {
  const body = Buffer.concat([gzipSync('id\nl1\nl2\n"l3'), Buffer.alloc(0)]);
  const ports = {
    store: new MemoryStore(),
    source: {
      open: async () => ({
        etag: 'e',
        body: (async function* () {
          yield body;
        })(),
      }),
    },
    exportQueue: new MemoryQueue(),
    convertQueue: new MemoryQueue(),
    publishQueue: new MemoryQueue(),
    clock: new FixedClock('2026-11-24T03:00:00.000Z'),
    log: new MemoryLog(),
  };
  await loadExport(
    message,
    { stream: leadExports, runDeadlineHours: 6, publishCheckSeconds: 60, deadline: ample },
    ports,
  );
  expect(ports.store.json(extractReceiptKey(message.runId, `${leadExports.name}.0`))).toMatchObject({
    status: 'failed',
    rows: 2,
    error: { code: 'export_file', message: expect.stringContaining('CSV_QUOTE_NOT_CLOSED') },
  });
  expect(ports.convertQueue.messages).toHaveLength(1);
  expect(ports.publishQueue.messages).toHaveLength(1);
});
