import type { ExtractReceipt } from '../../lambdas/contract/run.ts';

/** The receipt of the only task of a stream, which read one page without rows at this time, with changes. */
export function receiptOf(stream: string, at: string, changes: Partial<ExtractReceipt> = {}): ExtractReceipt {
  return {
    taskId: `${stream}.0`,
    stream,
    status: 'done',
    chunks: [],
    rows: 0,
    askedAt: at,
    read: 1,
    missing: [],
    failed: [],
    notes: [],
    resume: null,
    converted: null,
    requests: 1,
    retries: 0,
    error: null,
    finishedAt: at,
    ...changes,
  };
}
