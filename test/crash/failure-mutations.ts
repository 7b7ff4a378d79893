import type { Mutation } from './mutation.ts';

const failing = 'core/failing-parents.test.ts';
const doubtful = 'core/doubtful-answers.test.ts';
const currentRows = 'core/current-rows.test.ts';

/** Each mutation breaks one rule about parents that fail, rows that are rejected, and what a report says of them. */
export const failureRules: readonly Mutation[] = [
  {
    name: 'one bad parent fails the others',
    file: 'core/extract/failed-items.ts',
    from: '    if (!(error instanceof PipelineError) || isOfAll(error)) throw error;',
    to: '    if (error instanceof Error) throw error;',
    suite: failing,
  },
  {
    name: 'three bad parents that come first fail the others',
    file: 'core/extract/read-selection.ts',
    from: 'failures.add(item, error, following) && !(await doesLastAnswer(index))',
    to: 'failures.add(item, error, following)',
    suite: failing,
  },
  {
    name: 'a bad parent that is asked for by itself fails the table',
    file: 'core/publish/item-failures.ts',
    from: ' && othersAnswer && unread.length > 0;',
    to: ' && othersAnswer && unread.length > 1;',
    suite: failing,
  },
  {
    name: 'a bad parent that is the only one asked for fails the table',
    file: 'core/publish/item-failures.ts',
    from: ' && rowsInTable > 0 && ',
    to: ' && rowsInTable < 0 && ',
    suite: failing,
  },
  {
    name: 'what failed once is not asked for again',
    file: 'core/publish/next-round.ts',
    from: 'tasks.push(...failedTasks(tree, number), ...missingParentTasks(',
    to: 'void failedTasks;\n  tasks.push(...missingParentTasks(',
    suite: failing,
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
    file: 'core/publish/run-report.ts',
    from: '    ...allRejected(nodes),\n',
    to: '',
    suite: doubtful,
  },
  {
    name: 'rejected rows are not told by a metric',
    file: 'core/publish/run-metrics.ts',
    from: 'metrics.count(metricNames.rowsRejected, rejected)',
    to: 'metrics.count(metricNames.rowsRejected, 0)',
    suite: doubtful,
  },
  {
    name: 'a table whose parents all answer 404 is complete',
    file: 'core/publish/run-report.ts',
    from: '    ...allMissing(stream, nodes),\n',
    to: '',
    suite: currentRows,
  },
];
