import { readPageTemplate } from '../../lambdas/adapters/page-template.ts';
import { withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { localPageKey } from '../../lambdas/contract/object-keys.ts';
import { childReads } from '../../lambdas/contract/pipeline-tables.ts';
import { queueNames } from '../../lambdas/contract/queue-names.ts';
import type { PageContext } from '../../lambdas/core/page/page-context.ts';
import { renewPage } from '../../lambdas/core/page/write-page.ts';
import { countedTables } from '../../lambdas/streams/counted-tables.ts';
import { ownTables, streams } from '../../lambdas/streams/registry.ts';
import { folderFlags } from '../../local/cli/suggested-command.ts';
import { queueDepth } from '../adapters/queue-depth.ts';
import { queueUrls, type Target } from '../target.ts';

/** Writes the page of a folder anew after a command that starts no run. That of a deployment waits for its next run. */
export async function renewLocalPage(target: Target, notice?: PageContext['notice']): Promise<void> {
  const { local, configured, store, clock, workspace, requestsPerMinute } = target;
  if (!local || configured?.expectedHours === undefined) return;
  const { customColumns = {}, expectedHours } = configured;
  const deadLetters = queueNames.map((name) => {
    const url = queueUrls(target, name).deadLetters;
    return [name, { waiting: () => queueDepth(url) }] as const;
  });
  await renewPage(
    {
      workspace,
      localFlags: await folderFlags(local.out),
      pageKey: localPageKey,
      template: readPageTemplate,
      streams: streams.map((stream) => withCustomColumns(stream, customColumns)),
      ownTables: [...ownTables, childReads],
      counted: countedTables,
      requestsPerMinute,
      expectedHours,
      notice,
    },
    { store, clock, deadLetters: Object.fromEntries(deadLetters) },
  );
}
