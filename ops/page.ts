/** `prospect-lake page`: shows the page of the last run, of a deployed workspace or of a local run. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { createS3Store } from '../lambdas/adapters/s3-store.ts';
import { localPageKey, pageKey, pageStateKey } from '../lambdas/contract/object-keys.ts';
import type { ObjectStore } from '../lambdas/core/ports.ts';
import { programCommand, typed } from '../local/cli/command-names.ts';
import { configuredWorkspaces, onlyWorkspace } from '../local/cli/configured-workspaces.ts';
import { path } from '../local/cli/flag-values.ts';
import { command } from '../local/cli/run-command.ts';
import { defaultOut } from '../local/cli/out-flag.ts';
import { opsCommand } from '../local/cli/suggested-command.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import { renewFolderPage } from './lake/renew-folder-page.ts';
import { readDeployment } from './adapters/deployment.ts';
import { presignedUrl } from './adapters/presigned.ts';

const validSeconds = 900;

const input = z.strictObject({
  local: z.boolean().default(false),
  out: path('--out').optional(),
  workspace: z.string().min(1).optional(),
});

export const page = command({
  ...programCommand('page'),
  flags: {
    workspace: { value: '<name>', help: 'workspace whose page is shown; default: the only one of the configuration' },
    local: { help: 'show the page of a local run' },
    out: { value: '<dir>', help: `folder of the local run; default: ${defaultOut}. Implies --local` },
  },
  input,
  async run({ local, out, workspace }) {
    if (local || out !== undefined) {
      const file = await localFile(out ?? defaultOut);
      process.stdout.write(`${file}\n`);
      open(pathToFileURL(file).href);
      return 0;
    }
    const address = await deployedPage(workspace);
    process.stdout.write(`${address}\n`);
    process.stderr.write(`For ${validSeconds / 60} minutes, this address shows the page to anyone who has it.\n`);
    open(address);
    return 0;
  },
});

/** Why a page is missing although a run has written one. */
const deleted = 'Its page was deleted, most likely by ops forget because it may have named the person.';

async function localFile(out: string): Promise<string> {
  const file = resolve(join(out, localPageKey));
  if (existsSync(file)) {
    await renewFolderPage(out).catch(tellOld);
    return file;
  }
  if (existsSync(join(out, pageStateKey)))
    throw new UsageError(
      `${out} has no page now. ${deleted} The next run writes it anew: ${await opsCommand('run', out)}`,
      1,
    );
  throw new UsageError(`There is no page in ${out}. Run ${typed('start')} first, or name its folder with --out.`);
}

/** The page that the last run wrote is shown, even if the folder cannot be read now. */
function tellOld(error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The page is as the last run wrote it: ${why}\n`);
}

async function deployedPage(name: string | undefined): Promise<string> {
  const workspaces = await configuredWorkspaces();
  const chosen = name === undefined ? onlyWorkspace(workspaces) : workspaces.find((one) => one.name === name);
  if (chosen?.region) process.env['AWS_REGION'] = chosen.region;
  const workspace = chosen?.name ?? name ?? '';
  const { data } = await readDeployment(workspace);
  const store = createS3Store(data.BucketName);
  if (!(await store.head(pageKey)))
    throw new UsageError(
      (await hasState(store))
        ? `The workspace ${workspace} has no page now. ${deleted} The next run writes it anew: ${typed('ops run')}`
        : `The workspace ${workspace} has no page yet: the first run that ends writes it.`,
      1,
    );
  return presignedUrl(data.BucketName, pageKey, validSeconds);
}

/** Whether a run has written a page. Listed, because whoever only observes may not read this state. */
async function hasState(store: ObjectStore): Promise<boolean> {
  for await (const { key } of store.list(pageStateKey)) if (key === pageStateKey) return true;
  return false;
}

/** Opens an address in a browser if standard output is a terminal. Ignores failures: the address is printed anyway. */
function open(address: string): void {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    darwin: ['open', address],
    win32: ['rundll32', 'url.dll,FileProtocolHandler', address],
    ...(DISPLAY || WAYLAND_DISPLAY ? { linux: ['xdg-open', address] } : {}),
  };
  const [program, ...args] = openers[process.platform] ?? [];
  if (program === undefined || !process.stdout.isTTY) return;
  spawn(program, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
