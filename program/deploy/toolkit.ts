import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IIoHost, NonInteractiveIoHost, StackSelectionStrategy, Toolkit } from '@aws-cdk/toolkit-lib';
import type { WorkspaceConfig } from '../../lib/config/workspace-config.ts';
import type { ProgressDisplay } from '../../local/cli/progress-display.ts';
import { builtAssembly } from '../../local/cli/building.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import type { StackKind } from './deploy-workspace.ts';

const ids: Readonly<Record<StackKind, string>> = { data: 'Data', pipeline: 'Pipeline' };

/** Deploys the stacks of a workspace with the CDK, in this process. `close` deletes the templates. */
export async function createDeployer({ name }: Pick<WorkspaceConfig, 'name'>, display: ProgressDisplay) {
  const folder = await mkdtemp(join(tmpdir(), 'prospect-lake-'));
  // A copy, because the CDK writes locks and archives beside the templates.
  await cp(await builtAssembly(display), folder, { recursive: true });
  const toolkit = new Toolkit({ ioHost: hostFor(display), emojis: false, color: false });
  return {
    async deploy(kind: StackKind): Promise<void> {
      const source = await toolkit.fromAssemblyDirectory(folder);
      try {
        await toolkit.deploy(source, {
          stacks: {
            strategy: StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE,
            patterns: [`${name}/${ids[kind]}`],
          },
        });
      } catch (error) {
        throw inWords(error);
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Shows the CDK's messages on the progress line, each in place of the previous one. Warnings stay on the screen. */
function hostFor(display: ProgressDisplay): IIoHost {
  const host = new NonInteractiveIoHost({ logLevel: 'error' });
  return {
    async notify({ level, message }) {
      if (level === 'warn') display.note(message.trim());
      else if (level === 'info') display.show(message.replaceAll(/\s+/g, ' ').trim());
    },
    // Accepts the CDK's defaults: the person has agreed to the deployment as a whole.
    requestResponse: async (request) => host.requestResponse(request),
  };
}

function inWords(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const what = error.message.replaceAll(/\s+/g, ' ').trim();
  if (/bootstrap/i.test(what))
    return new UsageError(`${what} Prepare the account and region once: npx cdk bootstrap. Then deploy again.`, 1);
  return new UsageError(
    `The deployment failed: ${what} The events of the stack in CloudFormation say more. Mend the cause and type the same command again: it goes on here.`,
    1,
  );
}
