import type { Mutation } from './mutation.ts';

const refused = 'core/refused-run.test.ts';
const doubtful = 'core/doubtful-answers.test.ts';
const currentRows = 'core/current-rows.test.ts';
const hostileWorlds = 'core/hostile-worlds.test.ts';
const moving = 'core/lists-that-move.test.ts';
const pipeline = 'core/pipeline.test.ts';
const due = 'core/publish/due-parents.test.ts';

/** Each mutation breaks one rule of what a night reads: docs/reading.md. */
export const readingRules: readonly Mutation[] = [
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
    from: '  if (after && !isRereadDue(state.rereads[root.name], now, settings) && !lacksCustomColumn(root, state))',
    to: '  if (after)',
    suite: pipeline,
  },
  {
    name: 'a list of several pages is read once, although it differs from the table',
    file: 'core/publish/lists-again.ts',
    from: 'return pages < 2 ? [] :',
    to: 'return pages > 0 ? [] :',
    suite: hostileWorlds,
  },
  {
    name: 'another row in place of the requested one counts as the requested one',
    file: 'core/extract/read-selection.ts',
    from: 'given !== undefined && given.toLowerCase() !== id.toLowerCase()',
    to: 'given === undefined',
    suite: doubtful,
  },
  {
    name: 'a page of rows without ids that comes again counts at once',
    file: 'core/extract/read-list.ts',
    from: 'if (next && mayRepeat)',
    to: 'if (next && !rows)',
    suite: 'core/extract/read-list.test.ts',
  },
  {
    name: 'a part of the rota is taken for all of it',
    file: 'core/publish/next-round.ts',
    from: 'const hasRoom = allRota.length <= room || room >= mostParents;',
    to: 'const hasRoom = allRota.length < Infinity;',
    suite: 'core/publish/waiting-parents.test.ts',
  },
  {
    name: 'parents that could not wait when the deadline passed are not told',
    file: 'core/publish/next-round.ts',
    from: 'let room = !mayAdd ? Infinity : ',
    to: 'let room = ',
    suite: 'core/publish/waiting-parents.test.ts',
  },
  {
    name: 'the lists of parents are read once, although they differ from the table',
    file: 'core/publish/lists-again.ts',
    from: 'return parents.length === 0 ? [] :',
    to: 'return parents.length > 0 ? [] :',
    suite: moving,
  },
  {
    name: 'a second reading lands again what the first one landed',
    file: 'core/extract/known-rows.ts',
    from: '!isRow(line) || !known.has(contentOf(line))',
    to: '!isRow(line) || known.has(contentOf(line)) || true',
    suite: moving,
  },
  {
    name: 'a second reading replaces, although it landed only what the first one lacked',
    file: 'core/publish/scopes.ts',
    from: '  if (isSecondReading(task)) return undefined;\n',
    to: '  void isSecondReading;\n',
    suite: moving,
  },
  {
    name: 'a list is read a second time on a night on which it is as the table has it',
    file: 'core/publish/lists-again.ts',
    from: 'if (inserted + updated + missing === 0 || stream.numbered) continue;',
    to: 'if (inserted + updated + missing < 0 || stream.numbered) continue;',
    suite: moving,
  },
  {
    name: 'a stopped first load begins anew',
    file: 'core/publish/move-state.ts',
    from: '    if (resume)\n      resumes[name] =',
    to: '    if (resume && !resume)\n      resumes[name] =',
    suite: 'core/first-load-nights.test.ts',
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
    from: '(hint && hasChanged(hint, read, rules))',
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
    from: 'error instanceof ForbiddenError && isAboutStream(task.selection)',
    to: 'error instanceof ForbiddenError && !isAboutStream(task.selection)',
    suite: refused,
  },
];
