import { z } from 'zod';
import type { ExportMessage } from '../../lambdas/contract/messages.ts';
import { exportJobKey } from '../../lambdas/contract/object-keys.ts';
import { runId } from '../../lambdas/contract/run.ts';
import { storedJob } from '../../lambdas/core/exports/export-job.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { changeCommand } from '../command.ts';

export const approveDeletions = changeCommand({
  name: 'approve-deletions',
  summary:
    'Marks the leads that a complete export does not hold as deleted, though they are more than the guard lets pass.',
  flags: {
    run: { value: '<export run>', help: 'run of the export, as the alarm or the log names it' },
  },
  input: z.strictObject({
    run: z
      .string('--run wants the id of an export run')
      .refine((text) => runId.safeParse(text).success, '--run wants the id of an export run'),
  }),
  async prepare(target, { run }) {
    const job = await readJson(target.store, exportJobKey(run), storedJob);
    if (!job?.value.exportId)
      throw new UsageError(`No export was started by the run '${run}'. The log of the export function names the run.`);
    const { exportId, startedAt } = job.value;
    return {
      lines: [
        `Writes a tombstone for each lead of workspace ${target.workspace} that export ${exportId} of ${startedAt} does not hold, however many they are.`,
        'A lead that is read again later is there again.',
      ],
      async act() {
        const body: ExportMessage = { step: 'sweep', runId: run, exportId, startedAt, check: 0, approved: true };
        await target.queue('export').send([{ body }]);
        await target.settle();
        return { lines: ['The deletion is approved.'], data: { runId: run, exportId } };
      },
    };
  },
});
