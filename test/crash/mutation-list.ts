export interface Mutation {
  readonly name: string;
  /** Below `lambdas`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

/** Each breaks "durable first, pointer second", or what makes work safe to do twice, in one place. */
export const mutations: readonly Mutation[] = [
  {
    name: 'entries of a batch that the queue did not take are ignored',
    file: 'adapters/sqs-queue.ts',
    from: '    left = left.filter(({ Id }) => failed.has(Id));\n',
    to: '    left = left.filter(({ Id }) => failed.has(Id) && false);\n',
  },
  {
    name: 'a chunk is written over one that another delivery has landed',
    file: 'core/rows/chunk-log.ts',
    from: '      ifAbsent: true,\n',
    to: '',
  },
  {
    name: 'the plan says that its messages were sent before they were',
    file: 'core/runs/dispatch-run.ts',
    from: '  await extractQueue.send(\n',
    to: '  await writeJson(store, dispatchedKey(runId), {});\n  await extractQueue.send(\n',
  },
  {
    name: 'the state is changed without If-Match',
    file: 'core/store/stored-json.ts',
    from: 'const condition = stored ? { ifMatch: stored.etag } : { ifAbsent: true };',
    to: 'const condition = {};',
  },
  {
    name: 'an older report is written over a newer one',
    file: 'core/publish/publish-run.ts',
    from: 'published ? { ifMatch: published.etag } : { ifAbsent: true }',
    to: '{}',
  },
  {
    name: 'dead letters are deleted before they are sent again',
    file: 'core/replay/replay-dead-letters.ts',
    from: '  await ports.queue.send(letters',
    to: '  await ports.deadLetters.delete(letters);\n  await ports.queue.send(letters',
  },
  {
    name: 'work is sent again before its run knows that it has to wait',
    file: 'core/replay/replay-rejected.ts',
    from: '      await recordReplay(plan, awaited, { store, clock });\n',
    to: '',
  },
  {
    name: 'a delivery is answered before it is in the queue',
    file: 'core/webhooks/take-delivery.ts',
    from: 'if (reception.accepted) await eventQueue.send(',
    to: 'if (reception.accepted) void eventQueue.send(',
  },
  {
    name: 'an export that its event was faster to follow never becomes ours',
    file: 'core/exports/export-job.ts',
    from: '    return as.ours && !stored.ours ? { ...as, runId: stored.runId } : undefined;\n',
    to: '    return undefined;\n',
  },
  {
    name: 'a rotation that was interrupted begins anew, and leaves the old endpoint behind',
    file: 'core/webhooks/webhook-endpoint.ts',
    from: '  if (!old?.retiring) {\n',
    to: '  if (old) {\n',
  },
];
