export interface Mutation {
  readonly name: string;
  /** Below `lambdas`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** The suite that notices, below `test`. */
  readonly suite: string;
}

const crashes = 'core/crash-matrix.test.ts';
const delivery = 'core/delivery.test.ts';
const doubtful = 'core/doubtful-answers.test.ts';
const currentRows = 'core/current-rows.test.ts';
const pipeline = 'core/pipeline.test.ts';
const due = 'core/publish/due-parents.test.ts';
const guard = 'core/current/guard.test.ts';
const order = 'core/current/order.test.ts';
const merge = 'core/current/merge-table.test.ts';
const races = 'core/current/crashes-and-races.test.ts';
const truth = 'core/current/truthful-source.test.ts';
const overtaken = 'core/publish/publish-overtaken.test.ts';
const letters = 'core/replay/replay-dead-letters.test.ts';
const rejected = 'core/replay/replay-rejected.test.ts';

/** Each breaks one rule of what counts as current (section 3 of the design). */
const currentRules: readonly Mutation[] = [
  {
    name: 'a whole list replaces nothing',
    file: 'core/current/apply-scopes.ts',
    from: 'if (at <= (draft.state.lastList ?? 0)) return',
    to: 'if (at > 0) return',
    suite: guard,
  },
  {
    name: 'the children of a parent replace nothing',
    file: 'core/current/apply-scopes.ts',
    from: '[...scope.parents, ...(input.approved ? scope.missing : [])].map(',
    to: '[...(input.approved ? scope.missing : [])].map(',
    suite: currentRows,
  },
  {
    name: 'a 404 for an id says nothing',
    file: 'core/publish/scopes.ts',
    from: 'missing: readItems(node, selection.ids).missing };',
    to: 'missing: [] };',
    suite: currentRows,
  },
  {
    name: 'a window of changes replaces the whole list',
    file: 'core/publish/scopes.ts',
    from: '(!selection.window && !selection.resume)',
    to: "selection.kind === 'list'",
    suite: doubtful,
  },
  {
    name: 'a list replaces although it was not read to its end',
    file: 'core/publish/scopes.ts',
    from: "return isWhole && receipt.status === 'done' ?",
    to: 'return isWhole ?',
    suite: doubtful,
  },
  {
    name: 'a reading with a rejected row says what is missing',
    file: 'core/publish/scopes.ts',
    from: '  if (chunks.some((chunk) => (chunk.receipt?.rowsRejected ?? 0) > 0)) return undefined;\n',
    to: '',
    suite: doubtful,
  },
  {
    name: 'a reading replaces before all of it is converted',
    file: 'core/publish/scopes.ts',
    from: ' || !chunks.every(isConverted)) return undefined;',
    to: ') return undefined;',
    suite: letters,
  },
  {
    name: 'the clock of the source decides, however long ago a copy was asked for',
    file: 'core/current/order.ts',
    from: ' && Math.abs(asked - current.asked) <= lookback)',
    to: ')',
    suite: order,
  },
  {
    name: 'the order of reading decides, although a replica may lag',
    file: 'core/current/order.ts',
    from: '  if (areComparable && !forced &&',
    to: '  if (areComparable && !areComparable && !forced &&',
    suite: order,
  },
  {
    name: 'the copy that was asked for first is current',
    file: 'core/current/order.ts',
    from: ': asked > current.asked;',
    to: ': asked < current.asked;',
    suite: order,
  },
  {
    name: 'a full refresh believes the clock of the source',
    file: 'core/current/order.ts',
    from: 'areComparable && !forced',
    to: 'areComparable',
    suite: currentRows,
  },
  {
    name: 'one question deletes',
    file: 'core/current/settle-missing.ts',
    from: 'const isConfirmed = suspect && confirms',
    to: 'const isConfirmed = confirms || row.askedAt < 0',
    suite: currentRows,
  },
  {
    name: 'a second question at once deletes',
    file: 'core/current/settle-missing.ts',
    from: ' && row.askedAt >= suspect.since + input.confirmAfterSeconds * 1000;',
    to: ';',
    suite: doubtful,
  },
  {
    name: 'a second list deletes what can be asked for by its id',
    file: 'core/current/apply-scopes.ts',
    from: 'confirms: stream.byId === undefined || first?.kind ===',
    to: 'confirms: stream.byId !== null || first?.kind ===',
    suite: currentRows,
  },
  {
    name: 'nobody asks the second question',
    file: 'core/publish/publish-run.ts',
    from: 'await confirmSuspects(plan, progress, streams, settings, ports);',
    to: 'await Promise.resolve<string | undefined>(undefined);\n  void confirmSuspects;',
    suite: currentRows,
  },
  {
    name: 'the second question is asked at once',
    file: 'core/publish/confirm-suspects.ts',
    from: ', ports, settings.confirmAfterSeconds);',
    to: ', ports);',
    suite: currentRows,
  },
  {
    name: 'a row that is seen again stays suspected',
    file: 'core/current/merge-copies.ts',
    from: 'if (suspect && isSuspected) suspect = afterSighting(suspect, copy);',
    to: 'void afterSighting;',
    suite: doubtful,
  },
  {
    name: 'a copy that was asked for before a deletion brings the row back',
    file: 'core/current/merge-copies.ts',
    from: '    if (known.deletedAt !== undefined && copy.asked <= known.deletedAt) continue;\n',
    to: '',
    suite: truth,
  },
  {
    name: 'a late copy of a row that a later reading lacked is not doubted',
    file: 'core/current/merge-copies.ts',
    from: 'const covering = coveredAt !== undefined && asked < coveredAt ? coveredAt : undefined;',
    to: 'const covering = coveredAt !== undefined && asked < 0 ? coveredAt : undefined;',
    suite: truth,
  },
  {
    name: 'the guard lets any share of a table go',
    file: 'core/current/settle-missing.ts',
    from: "return fresh + counts.missing > allowedMissing(draft, input, progress) ? 'too_many_missing' : undefined;",
    to: 'return undefined;',
    suite: guard,
  },
  {
    name: 'the guard counts each reading of a run by itself',
    file: 'core/current/settle-missing.ts',
    from: 'return fresh + counts.missing >',
    to: 'return fresh >',
    suite: guard,
  },
  {
    name: 'the guard holds a few rows of a small table',
    file: 'core/current/settle-missing.ts',
    from: 'const leastHeld = 20;',
    to: 'const leastHeld = 0;',
    suite: guard,
  },
  {
    name: 'an empty list empties its table',
    file: 'core/current/settle-missing.ts',
    from: "  if (isEmptyList && missing > 0) return 'empty_list';\n",
    to: '',
    suite: currentRows,
  },
  {
    name: 'more than half of the parents may be missing',
    file: 'core/current/settle-missing.ts',
    from: 'counts.parentsMissing > counts.parents / 2)',
    to: 'counts.parentsMissing > counts.parents)',
    suite: guard,
  },
  {
    name: 'what the guard holds stays suspected, to be deleted bit by bit',
    file: 'core/current/settle-missing.ts',
    from: '    if (runId === ownRunId) remember(',
    to: '    if (runId !== ownRunId) remember(',
    suite: guard,
  },
  {
    name: 'a held run is not told',
    file: 'core/publish/assess-run.ts',
    from: "...(held ? [failure('deletions_held'",
    to: "...(held && !held ? [failure('deletions_held'",
    suite: currentRows,
  },
  {
    name: 'an approval is not heard',
    file: 'core/publish/read-evidence.ts',
    from: 'approved: (await store.head(approvalKey(runId))) !== undefined,',
    to: 'approved: (await store.head(approvalKey(runId))) === null,',
    suite: currentRows,
  },
  {
    name: 'the children of a deleted parent stay',
    file: 'core/publish/merge-run.ts',
    from: 'stream.parent ? (tables[stream.parent.stream]?.result.deleted ?? []) : [];',
    to: 'stream.parent ? (tables[stream.name]?.result.deleted ?? []) : [];',
    suite: currentRows,
  },
  {
    name: 'one bad parent fails the others',
    file: 'core/extract/read-selection.ts',
    from: "    if (!(error instanceof PipelineError) || error.disposition === 'fatal'",
    to: '    if (error instanceof Error',
    suite: currentRows,
  },
  {
    name: 'a bad parent that is asked for by itself fails the table',
    file: 'core/publish/item-failures.ts',
    from: ' && read.size > 0 && idsOf(task.selection).length > 0;',
    to: ' && read.size > 0 && idsOf(task.selection).length > 1;',
    suite: currentRows,
  },
  {
    name: 'what failed once is not asked for again',
    file: 'core/publish/next-round.ts',
    from: '  tasks.push(...failedTasks(tree, number));\n',
    to: '  void failedTasks;\n',
    suite: currentRows,
  },
  {
    name: 'any share of the parents may fail',
    file: 'core/publish/item-failures.ts',
    from: "failed.length > asked * mostFailed ? 'items_failed' : 'item_failed';",
    to: "failed.length > asked ? 'items_failed' : 'item_failed';",
    suite: doubtful,
  },
  {
    name: 'a table of which each row was rejected is complete',
    file: 'core/publish/assess-run.ts',
    from: '    ...allRejected(nodes),\n',
    to: '',
    suite: doubtful,
  },
  {
    name: 'rejected rows are not told by a metric',
    file: 'core/publish/run-metrics.ts',
    from: '    metricNames.rowsRejected,\n    total(({ rowsRejected }) => rowsRejected),\n',
    to: '    metricNames.rowsRejected,\n    0,\n',
    suite: doubtful,
  },
  {
    name: 'a table whose parents all answer 404 is complete',
    file: 'core/publish/assess-run.ts',
    from: '    ...allMissing(stream, nodes),\n',
    to: '',
    suite: currentRows,
  },
  {
    name: 'a row that did not change is written again',
    file: 'core/current/merge-copies.ts',
    from: 'const isSame = current?.digest === copy.digest;',
    to: 'const isSame = copy.asked < 0 && current?.digest === copy.digest;',
    suite: merge,
  },
];

/** Each breaks one rule of what a night reads (section 2 of the design). */
const readingRules: readonly Mutation[] = [
  {
    name: 'changes are asked for from the watermark on, without a lookback',
    file: 'core/runs/selections.ts',
    from: 'Date.parse(watermark.at) - settings.lookbackHours * hour',
    to: 'Date.parse(watermark.at)',
    suite: pipeline,
  },
  {
    name: 'lists are not read whole again',
    file: 'core/runs/selections.ts',
    from: '  if (isRereadDue(state.rereads[root.name], now, settings))',
    to: '  if (isRereadDue(undefined, now, settings) && !after)',
    suite: pipeline,
  },
  {
    name: 'a stopped first load begins anew',
    file: 'core/publish/move-state.ts',
    from: '    if (resume) resumes[name] =',
    to: '    if (resume && !resume) resumes[name] =',
    suite: crashes,
  },
  {
    name: 'children are not read once more on the night after',
    file: 'core/publish/due-parents.ts',
    from: 'return isRecent && row.runId === read.runId && read.runId !== runId;',
    to: 'return isRecent && row.runId === read.runId && read.runId === runId;',
    suite: currentRows,
  },
  {
    name: 'hints are not followed',
    file: 'core/publish/due-parents.ts',
    from: '(hint && isNews(hint, read, rules))',
    to: '(hint && !read)',
    suite: doubtful,
  },
  {
    name: 'settled parents are read every night',
    file: 'core/publish/due-parents.ts',
    from: ' || read.readAt - changedAt < rules.settledDays * day;',
    to: ' || read.readAt > 0;',
    suite: due,
  },
  {
    name: 'no parent has its turn',
    file: 'core/publish/due-parents.ts',
    from: 'const places = rules.withRota && unread <= share ? share : 0;',
    to: 'const places = rules.withRota && unread < 0 ? share : 0;',
    suite: currentRows,
  },
  {
    name: 'what a rereading found is not told',
    file: 'core/publish/scopes.ts',
    from: "selection.kind === 'children' && selection.reread ? { reread: true } : {};",
    to: '{};',
    suite: currentRows,
  },
  {
    name: 'a missing scope is found out task by task',
    file: 'core/extract/extract-task.ts',
    from: '    if (error instanceof ForbiddenError)\n',
    to: '    if (error instanceof ForbiddenError && !error)\n',
    suite: pipeline,
  },
];

/** Each breaks "durable first, pointer second", or what makes work safe to do twice, in one place. */
const durability: readonly Mutation[] = [
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
    suite: delivery,
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
    from: 'if (!mayAdd) return { round, raced: false, due: progress.due };',
    to: 'if (!mayAdd) return { round, raced: false, due };',
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
    from: '    await followCommit(table, draft.base, ports);\n',
    to: '',
    suite: crashes,
  },
  {
    name: 'deleted rows leave no tombstone if the process dies after the commit',
    file: 'core/current/merge-table.ts',
    from: '  let draft = await healed(stream, await openDraft(table, ports), ports);',
    to: '  let draft = await openDraft(table, ports);\n  draft.state.tombstones = null;',
    suite: crashes,
  },
  {
    name: 'a chunk that was converted again is not merged again',
    file: 'core/publish/scopes.ts',
    from: '[{ id: `${id}@${file.sha256.slice(0, 12)}`, taskId,',
    to: '[{ id, taskId,',
    suite: rejected,
  },
  {
    name: 'the run says that it was announced before it was',
    file: 'core/publish/conclude-run.ts',
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
    from: "      log.warn('A chunk was not converted where it was read.', { taskId, sequence, ...failureOf(error) });\n",
    to: '      void [log, failureOf];\n      throw error;\n',
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

export const mutations: readonly Mutation[] = [...currentRules, ...readingRules, ...durability];
