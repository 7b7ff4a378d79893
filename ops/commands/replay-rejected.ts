import { z } from 'zod';
import { runId } from '../../lambdas/contract/run.ts';
import { findRejected, replayRejected as replayChunks } from '../../lambdas/core/replay/replay-rejected.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { nameOf } from '../../local/cli/flag-values.ts';
import { changeCommand } from '../command.ts';

const tables = [...streams, leadExports].map(({ name }) => name);
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
        ? [`${before.expired.length} files of rejected rows stay as they are: their raw rows have expired.`]
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
    return {
      lines: [
        ...found
          .slice(0, runsShown)
          .map((each) => `  ${each.runId}: ${each.rows} rows in ${each.chunks} chunks of ${each.tables.join(', ')}`),
        ...(found.length > runsShown ? [`  and ${found.length - runsShown} runs more`] : []),
        ...expired,
        `Converts these chunks of workspace ${target.workspace} again; what can be read now leaves rejected_rows for its table. Children of such a row are read when it next changes.`,
      ],
      async act() {
        await replayChunks(before.runs, {
          store,
          convertQueue: target.queue('convert'),
          publishQueue: target.queue('publish'),
          clock: target.clock,
        });
        await target.settle();
        const rows = found.reduce((sum, each) => sum + each.rows, 0);
        const chunks = found.reduce((sum, each) => sum + each.chunks, 0);
        return {
          lines: [
            `${chunks} chunks with ${rows} rejected rows of ${found.length} runs are sent to be converted again. rejected_rows tells what is still rejected.`,
          ],
          data: { runs: found, expired: before.expired },
        };
      },
    };
  },
});
