/** A start, or a command of ops, that was refused because its key belongs to another workspace. No run tells of it. */

import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../cli/usage-error.ts';
import { readStored } from './stored-file.ts';

const refusedStart = z.object({ at: z.iso.datetime(), message: z.string() });
export type RefusedStart = z.infer<typeof refusedStart>;

const pathIn = (out: string) => join(out, 'refused-start.json');

/** The key belongs to another workspace than the folder. */
export class OtherWorkspaceError extends UsageError {
  constructor(message: string) {
    super(message, 1);
  }
}

/**
 * Remembers the refusal, so that status and page tell of it until a run has gone through.
 * @param keyFrom where the key comes from
 * @throws OtherWorkspaceError always
 */
export async function refuseKey(
  out: string,
  { keyFrom, ofKey, ofFolder }: { readonly keyFrom: string; readonly ofKey: string; readonly ofFolder: string },
): Promise<never> {
  const message = `The key from ${keyFrom} belongs to the workspace ${ofKey}, but ${out} holds the tables of ${ofFolder}. Most likely it is the wrong key: give the one of ${ofFolder}. To read ${ofKey} as well, choose another folder with --out.`;
  await writeFile(pathIn(out), JSON.stringify({ at: new Date().toISOString(), message } satisfies RefusedStart));
  throw new OtherWorkspaceError(message);
}

/** The last refusal, if no run has gone through since. */
export async function readRefusedStart(out: string): Promise<RefusedStart | undefined> {
  return existsSync(pathIn(out)) ? readStored(pathIn(out), refusedStart, 'Delete it.') : undefined;
}

/** Forgets the refusal, because a run has gone through. */
export async function forgetRefusedStart(out: string): Promise<void> {
  await rm(pathIn(out), { force: true });
}
