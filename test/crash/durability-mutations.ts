import type { Mutation } from './mutation.ts';

const crashes = 'core/crash-matrix.test.ts';
const delivery = 'core/delivery.test.ts';
const pipeline = 'core/pipeline.test.ts';
const races = 'core/current/crashes-and-races.test.ts';
const overtaken = 'core/publish/overtaken-publish.test.ts';
const letters = 'core/replay/replay-dead-letters.test.ts';
const rejected = 'core/replay/replay-rejected.test.ts';

/** Each mutation breaks "durable first, pointer second", or what makes work idempotent, in one place. */
export const durability: readonly Mutation[] = [
  {
    name: 'the state moves before the run is assessed',
    file: 'core/publish/publish-run.ts',
    from: '  const confirmRunId = await confirmSuspects(',
    to: '  await writeJson(store, reportKey(plan.runId), assessed);\n  const confirmRunId = await confirmSuspects(',
    suite: crashes,
  },
  {
    name: 'the report is written before the state moves',
    file: 'core/publish/publish-run.ts',
    from: '  await moveState(plan, report, tree, ports);\n',
    to: '  await writeJson(store, reportKey(plan.runId), report);\n  await moveState(plan, report, tree, ports);\n',
    suite: crashes,
  },
  {
    name: 'an older report is written over a newer one',
    file: 'core/publish/publish-run.ts',
    from: 'published ? { ifMatch: published.etag } : { ifAbsent: true }',
    to: '{}',
    suite: overtaken,
  },
  {
    name: 'a look that knows of less work ends the run',
    file: 'core/publish/next-round.ts',
    from: '  return writeJson(store, roundKey(plan.runId, last.round), last, { ifAbsent: true });\n',
    to: '  return writeJson(store, roundKey(plan.runId, last.round), last);\n',
    suite: crashes,
  },
  {
    name: 'a round is written over that of another look',
    file: 'core/publish/next-round.ts',
    from: 'roundKey(evidence.plan.runId, number), round, { ifAbsent: true });',
    to: 'roundKey(evidence.plan.runId, number), round);',
    suite: overtaken,
  },
  {
    name: 'a round is said to be sent before it was',
    file: 'core/publish/publish-run.ts',
    from: '  await sendTasks(plan, tasks, extractQueue);\n',
    to: '  await writeJson(store, roundSentKey(plan.runId, round), {});\n  await sendTasks(plan, tasks, extractQueue);\n',
    suite: crashes,
  },
  {
    name: 'a round that was not sent is not sent by the next look',
    file: 'core/publish/publish-run.ts',
    from: 'if (evidence.unsentRound && !message.ping)',
    to: 'if (evidence.unsentRound && message.check < 0)',
    suite: crashes,
  },
  {
    name: 'after the deadline, what is due is told at the first look only',
    file: 'core/publish/next-round.ts',
    from: 'if (!mayAdd) return { round, lostRace: false, due: progress.due };',
    to: 'if (!mayAdd) return { round, lostRace: false, due };',
    suite: crashes,
  },
  {
    name: 'the children count as read before their rows are merged',
    file: 'core/publish/merge-run.ts',
    from: '  const newlyRead: TaskNode[] = [];\n',
    to: '  const newlyRead: TaskNode[] = [];\n  await recordChildReads(tree.tasks.flatMap((node) => childReadings(node, plan.runId)), ports);\n',
    suite: crashes,
  },
  {
    name: 'a version of a table is written over that of another merge',
    file: 'core/iceberg/commit.ts',
    from: '    ifAbsent: true,\n',
    to: '',
    suite: races,
  },
  {
    name: 'a merge that lost a race gives up',
    file: 'core/current/merge-table.ts',
    from: '    if (result) return result;\n',
    to: '    if (result) return result;\n    break;\n',
    suite: races,
  },
  {
    name: 'the catalog is not moved by the look after a process that died',
    file: 'core/current/merge-table.ts',
    from: '    await followCommit(draft.table, draft.base, ports);\n',
    to: '',
    suite: crashes,
  },
  {
    name: 'deleted rows leave no tombstone if the process dies after the commit',
    file: 'core/current/merge-table.ts',
    from: '  const draft = await writeMissingTombstones(stream, await openDraft(currentTableOf(stream), ports), ports);',
    to: '  const draft = await openDraft(currentTableOf(stream), ports);\n  draft.state.tombstones = null;',
    suite: crashes,
  },
  {
    name: 'a chunk that was converted again is not merged again',
    file: 'core/publish/scopes.ts',
    from: '[{ id: `${id}@${sha256.slice(0, 12)}`, taskId,',
    to: '[{ id, taskId,',
    suite: rejected,
  },
  {
    name: 'the run says that it was announced before it was',
    file: 'core/publish/announce-run.ts',
    from: "  await announcer.announce('runPublished', eventDetail(report));\n",
    to: "  await writeJson(store, marker, {});\n  await announcer.announce('runPublished', eventDetail(report));\n",
    suite: crashes,
  },
  {
    name: 'extract leaves no receipt',
    file: 'core/runs/extract-receipts.ts',
    from: `  await writeJson(
    ports.store,
    extractReceiptKey(runId, task.taskId),
    await receiptOf({ runId, task }, chunks, end, ports),
  );
`,
    to: '  void [receiptOf, chunks, end, ports, runId, task];\n',
    suite: pipeline,
  },
  {
    name: 'a list that ends with the deadline is not at its end',
    file: 'core/extract/land-task.ts',
    from: "const reason = isFinished(selection, position) ? 'finished' : 'deadline';",
    to: "const reason = gathered.end === 'finished' ? 'finished' : 'deadline';",
    suite: crashes,
  },
  {
    name: 'the last chunk is not converted by who takes the task over',
    file: 'core/extract/land-task.ts',
    from: '  if (last) await convertChunk(work, ports, last, false);\n',
    to: '',
    suite: crashes,
  },
  {
    name: 'a chunk that cannot be converted where it was read fails its task',
    file: 'core/extract/land-task.ts',
    from: "      log.warn('The function that read a chunk could not convert it; the convert queue does.', {",
    to: "      if (error) throw error;\n      log.warn('The function that read a chunk could not convert it; the convert queue does.', {",
    suite: letters,
  },
  {
    name: 'convert leaves its receipt before its file',
    file: 'core/convert/convert-task.ts',
    from: '    await store.put(key, body, { contentType:',
    to: '    void store.put(key, body, { contentType:',
    suite: crashes,
  },
  {
    name: 'a chunk is written over one that another delivery has landed',
    file: 'core/rows/chunk-log.ts',
    from: '      ifAbsent: true,\n',
    to: '',
    suite: delivery,
  },
  {
    name: 'the plan says that its messages were sent before they were',
    file: 'core/runs/dispatch-run.ts',
    from: '  await sendTasks(plan, plan.tasks, extractQueue, delaySeconds);\n',
    to: '  await writeJson(store, dispatchedKey(runId), {});\n  await sendTasks(plan, plan.tasks, extractQueue, delaySeconds);\n',
    suite: crashes,
  },
  {
    name: 'entries of a batch that the queue did not take are ignored',
    file: 'adapters/sqs-queue.ts',
    from: '    left = left.filter(({ Id }) => failed.has(Id));\n',
    to: '    left = left.filter(({ Id }) => failed.has(Id) && false);\n',
    suite: 'adapters/sqs-queue.test.ts',
  },
  {
    name: 'the state is changed without If-Match',
    file: 'core/store/stored-json.ts',
    from: 'const condition = stored ? { ifMatch: stored.etag } : { ifAbsent: true };',
    to: 'const condition = {};',
    suite: 'core/store/stored-json.test.ts',
  },
  {
    name: 'dead letters are deleted before they are sent again',
    file: 'core/replay/replay-dead-letters.ts',
    from: '  await ports.queue.send(letters',
    to: '  await ports.deadLetters.delete(letters);\n  await ports.queue.send(letters',
    suite: letters,
  },
  {
    name: 'work is sent again before its run knows that it has to wait',
    file: 'core/replay/replay-rejected.ts',
    from: '      await recordReplay(plan, awaited, { store, clock });\n',
    to: '',
    suite: rejected,
  },
  {
    name: 'a delivery is answered before it is in the queue',
    file: 'core/webhooks/take-delivery.ts',
    from: 'if (reception.accepted) await eventQueue.send(',
    to: 'if (reception.accepted) void eventQueue.send(',
    suite: crashes,
  },
  {
    name: 'an export that its event was faster to follow never becomes ours',
    file: 'core/exports/export-job.ts',
    from: '    return as.ours && !stored.ours ? { ...as, runId: stored.runId } : undefined;\n',
    to: '    return undefined;\n',
    suite: crashes,
  },
  {
    name: 'a rotation that was interrupted begins anew, and leaves the old endpoint behind',
    file: 'core/webhooks/webhook-endpoint.ts',
    from: '  if (!old?.retiring) {\n',
    to: '  if (old) {\n',
    suite: crashes,
  },
];
