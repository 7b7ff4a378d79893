import { z } from 'zod';
import { runId } from '../../lambdas/contract/run.ts';
import {
  type ChunksOfRun,
  findRejected,
  replayRejected as replayChunks,
} from '../../lambdas/core/replay/replay-rejected.ts';
import { counted, number } from '../../lambdas/core/runs/counted.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { nameOf } from '../../local/cli/flag-values.ts';
import { checkKeyOfFunctions } from '../check-key.ts';
import { changeCommand } from '../command.ts';
import { Damage } from '../lake/damage.ts';
import type { Target } from '../target.ts';
import { readChunkRows } from '../trace/chunk-rows.ts';

const declared = [...streams, leadExports];
const tables = declared.map(({ name }) => name);
const runsShown = 50;

export const replayRejected = changeCommand({
  ...opsCommandNamed('replay-rejected'),
  flags: {
    run: { value: '<run>', help: 'only rows of this run' },
    table: { value: '<table>', help: 'only rows of this table' },
  },
  input: z.strictObject({
    run: z
      .string()
      .refine((text) => runId.safeParse(text).success, '--run wants the id of a run')
      .optional(),
    table: nameOf('--table', tables).optional(),
  }),
  async prepare(target, { run, table }) {
    const { store } = target;
    const before = await findRejected({ runId: run, table }, store);
    const expired =
      before.expired.length > 0
        ? [
            `${counted(before.expired.length, 'file')} of rejected rows cannot be converted again: the raw rows have expired.`,
          ]
        : [];
    const found = before.runs.map(({ plan, chunks }) => ({
      runId: plan.runId,
      chunks: chunks.length,
      rows: chunks.reduce((sum, { rowsRejected }) => sum + rowsRejected, 0),
      tables: [...new Set(chunks.map(({ stream }) => stream))],
    }));
    if (found.length === 0)
      return {
        lines: ['There are no rejected rows that could be converted again.', ...expired],
        data: { runs: [], expired: before.expired },
      };
    const rows = found.reduce((sum, each) => sum + each.rows, 0);
    const chunks = found.reduce((sum, each) => sum + each.chunks, 0);
    const stillRejected = await countStillRejected(target, before.runs);
    const readable = Math.max(0, rows - stillRejected);
    const outlook = outlookOf(rows, readable);
    const data = { runs: found, readable, stillRejected: rows - readable, expired: before.expired };
    const foundLines = [
      ...found
        .slice(0, runsShown)
        .map(
          (each) =>
            `  ${each.runId}: ${counted(each.rows, 'row')} in ${counted(each.chunks, 'chunk')} of ${each.tables.join(', ')}`,
        ),
      ...(found.length > runsShown ? [`  and ${counted(found.length - runsShown, 'more run')}`] : []),
      ...expired,
      outlook,
    ];
    if (readable === 0) return { lines: [...foundLines, 'Nothing is to do, and nothing was sent.'], data };
    return {
      lines: [
        ...foundLines,
        `Converts these chunks of workspace ${target.workspace} again; what can be read now leaves rejected_rows for its table. Children of such a row are read now if it changed lately, otherwise when it next changes.`,
      ],
      async act() {
        // A run that is looked at again may ask the API too, for the children of rows that can be read at last.
        await checkKeyOfFunctions(target);
        await replayChunks(before.runs, {
          store,
          convertQueue: target.queue('convert'),
          publishQueue: target.queue('publish'),
          clock: target.clock,
        });
        await target.settle();
        return {
          lines: [
            `${counted(chunks, 'chunk')} of ${counted(found.length, 'run')} sent to be converted again. ${outlook}`,
          ],
          data,
        };
      },
    };
  },
});

function outlookOf(rows: number, readable: number): string {
  const rejected = counted(rows, 'rejected row');
  if (readable === rows) return `This version can read ${rows === 1 ? 'the' : 'all'} ${rejected}.`;
  const left = rows - readable;
  return `This version can read ${number(readable)} of ${rejected}; ${number(left)} still ${left === 1 ? 'has' : 'have'} no usable key and ${left === 1 ? 'stays' : 'stay'} in rejected_rows.`;
}

/**
 * Counts the rows that this version would still reject, from the raw rows. A deployment converts with the version that
 * is deployed. A chunk that cannot be read counts with all its rejected rows.
 */
async function countStillRejected({ store, progress }: Target, runs: readonly ChunksOfRun[]): Promise<number> {
  const chunks = runs.flatMap((run) => run.chunks.map((chunk) => ({ ...chunk, runId: run.plan.runId })));
  const damage = new Damage();
  let looked = 0;
  const counts = await inBatches(chunks, async (chunk) => {
    const stream = declared.find(({ name }) => name === chunk.stream);
    const rows = stream && (await damage.skipIfDamaged(() => readChunkRows(stream, chunk, store)));
    looked += 1;
    progress.show(`${number(looked)} of ${counted(chunks.length, 'chunk')} looked at`);
    return rows
      ? rows.filter(({ id, forgottenOn }) => id === null && forgottenOn === undefined).length
      : chunk.rowsRejected;
  });
  progress.end();
  return counts.reduce((sum, count) => sum + count, 0);
}
