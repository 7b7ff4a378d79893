import { z } from 'zod';
import { readHashKey } from '../../lambdas/adapters/secrets.ts';
import { pipelineStateKey, rewriteReceiptKey } from '../../lambdas/contract/object-keys.ts';
import { secretName } from '../../lambdas/contract/outputs.ts';
import type { PersonalChoice } from '../../lambdas/contract/personal-data.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { type Rewrite, runRewrite, survey } from '../../lambdas/core/rewrite/run-rewrite.ts';
import { readWork } from '../../lambdas/core/rewrite/work.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import { columnsWrittenBy } from '../../lambdas/core/runs/written-columns.ts';
import { updateJson } from '../../lambdas/core/store/stored-json.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { changeCommand } from '../command.ts';
import { expiryLine, touchedLines } from '../rewrite/receipt-lines.ts';
import { registryOf, rewritePorts } from '../rewrite/rewrite-ports.ts';
import { unfinishedText } from '../rewrite/unfinished.ts';
import type { Target } from '../target.ts';

export const rehash = changeCommand({
  ...opsCommandNamed('rehash'),
  flags: {},
  input: z.strictObject({}),
  async prepare(target) {
    const { configured, store, workspace } = target;
    const begun = (await readWork(store))?.value;
    if (begun && begun.command !== 'rehash') throw new UsageError(await unfinishedText(target, begun));
    if (!configured)
      throw new UsageError(
        `This checkout does not configure the workspace ${workspace}: its choice is not known here.`,
      );
    const choice = configured.personalData;
    if (choice.drop.length + choice.hash.length === 0)
      throw new UsageError(
        'personalData of this workspace drops and hashes nothing. What was dropped or hashed before cannot be brought back; a full refresh reads it again.',
      );
    const hashKey = choice.hash.length > 0 ? await readHashKey(secretName(workspace, 'hash-key')) : undefined;
    const undeclared = new Set<string>();
    const onUndeclared = (column: string) => undeclared.add(column);
    const rewrite: Rewrite = { command: 'rehash', choice, hashKey, onUndeclared };
    const ports = rewritePorts(target);
    const clean = new Map<string, string>();
    const found = touchedLines(await survey(rewrite, registryOf(target), ports, clean));
    target.progress.end();
    if (found.length === 0 && !begun) {
      await rememberApplied(target, choice);
      return { lines: ['Everything that is written follows personalData already.'], data: { touched: {} } };
    }
    return {
      lines: [
        ...(begun ? [`Finishes the rehash of ${begun.startedAt}, which was interrupted.`] : []),
        `Drops ${choice.drop.join(', ') || 'nothing'} and hashes ${choice.hash.join(', ') || 'nothing'} in workspace ${workspace}:`,
        ...found,
        ...(undeclared.size > 0
          ? [
              `Also empties columns that the configuration no longer declares: ${[...undeclared].toSorted().join(', ')}. To keep one, first add its entry to customColumns again, with what it holds as personal.`,
            ]
          : []),
        'Earlier versions of the current tables named above are deleted: time travel to before now is lost. Raw chunks stay as they are until they expire.',
        'The values in _extra are removed from every version, and nothing brings them back: a custom column that you add later has only what is read after that.',
      ],
      async act() {
        const receipt = await runRewrite(rewrite, registryOf(target), ports, { clean, newKey: '' });
        target.progress.end();
        await rememberApplied(target, choice);
        return {
          lines: [
            ...touchedLines(receipt.touched),
            expiryLine(receipt),
            `Receipt: ${rewriteReceiptKey('rehash', receipt.id)}`,
          ],
          data: receipt,
        };
      },
    };
  },
});

/** From now on, no night tells that rows from before do not follow the choice, or of columns that were emptied. */
async function rememberApplied(target: Target, personalData: PersonalChoice): Promise<void> {
  const writtenColumns = columnsWrittenBy(registryOf(target).streams);
  await updateJson(target.store, pipelineStateKey, pipelineState, emptyState, (state) => ({
    ...state,
    personalData,
    writtenColumns,
  }));
}
