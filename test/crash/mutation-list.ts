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
    name: 'the watermark moves before the data is counted',
    file: 'core/publish/publish-run.ts',
    from: '  const evidence = await readEvidence(store, plan, replayed);\n',
    to: `  await updateJson(store, pipelineStateKey, pipelineState, emptyState, (state) => ({
    ...state,
    watermarks: { ...state.watermarks, ...Object.fromEntries(plan.streams.map((name) => [name, { at: plan.startedAt, runId }])) },
  }));
  const evidence = await readEvidence(store, plan, replayed);\n`,
  },
  {
    name: 'the report is written before the watermark moves',
    file: 'core/publish/publish-run.ts',
    from: '  await moveWatermarks(store, plan, report);\n',
    to: '  await writeJson(store, reportKey(runId), report);\n  await moveWatermarks(store, plan, report);\n',
  },
  {
    name: 'the run says that it was announced before it was',
    file: 'core/publish/publish-run.ts',
    from: "  await announcer.announce('runPublished', eventDetail(report));\n",
    to: "  await writeJson(store, marker, {});\n  await announcer.announce('runPublished', eventDetail(report));\n",
  },
  {
    name: 'extract leaves no receipt',
    file: 'core/runs/extract-receipts.ts',
    from: '  await writeJson(store, extractReceiptKey(runId, task.taskId), receipt);\n',
    to: '  void [store, runId, receipt];\n',
  },
  {
    name: 'convert leaves its receipt before its file',
    file: 'core/convert/convert-task.ts',
    from: '  await write(tableOf(stream), converted.rowsOut, converted.parquet);\n',
    to: `  await writeJson(store, receiptKey, {
    ...common(message, clock),
    ...{ status: 'done', rowsIn: converted.rowsIn, rowsOut: converted.rowsOut, rowsRejected: converted.rowsRejected, files: [], error: null },
  });
  await write(tableOf(stream), converted.rowsOut, converted.parquet);\n`,
  },
  {
    name: 'entries of a batch that the queue did not take are ignored',
    file: 'adapters/sqs-queue.ts',
    from: '    left = left.filter(({ Id }) => failed.has(Id));\n',
    to: '    left = left.filter(({ Id }) => failed.has(Id) && false);\n',
  },
  {
    name: 'messages are sent before the chunk is durable',
    file: 'core/extract/extract-task.ts',
    from: '      const { chunk, ours } = await log.append(',
    to: '      await sendMessages(work, ports, sequence, gathered.parents);\n      const { chunk, ours } = await log.append(',
  },
  {
    name: 'the messages of the last chunk are not sent again by who takes the task over',
    file: 'core/extract/extract-task.ts',
    from: '  if (last)\n    await sendMessages(',
    to: '  if (last && chunks.length < 0)\n    await sendMessages(',
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
  {
    name: 'small files are deleted before the one that holds their rows is written',
    file: 'core/publish/compact-tables.ts',
    from: "    await store.put(target, parquet, { contentType: 'application/vnd.apache.parquet' });\n",
    to: "    await inBatches(sources, (source) => store.delete(source));\n    await store.put(target, parquet, { contentType: 'application/vnd.apache.parquet' });\n",
  },
  {
    name: 'nobody is told which files a compacted one replaces',
    file: 'core/publish/compact-tables.ts',
    from: '    await writeJson(store, compactionKey, lease);\n',
    to: '    void lease;\n',
  },
];
