import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readStored } from './stored-file.ts';
import { startCommand } from '../cli/out-flag.ts';
import { UsageError } from '../cli/usage-error.ts';

const pathOf = (out: string) => join(out, 'simulator.json');
const epochsFile = z.object({
  leads: z.number().int(),
  customFields: z.boolean().default(false),
  epochs: z.array(z.iso.datetime()),
});

/** The simulated workspace of a folder. */
export interface SimulatedWorkspace {
  /** Number of leads before any change. */
  readonly leads: number;
  /** Whether leads have fields without a column. */
  readonly customFields: boolean;
  /** The start times of the runs on it. */
  readonly epochs: readonly Date[];
}

/**
 * The simulated workspace of a folder, as its last run found it.
 * @throws UsageError if no run on the folder used the simulator
 */
export async function storedEpochs(out: string): Promise<SimulatedWorkspace> {
  const path = pathOf(out);
  if (!existsSync(path))
    throw new UsageError(
      `There is no simulated workspace under ${out}. Run ${startCommand(out)} first, or name its folder with --out.`,
    );
  const { epochs, ...stored } = await readStored(
    path,
    epochsFile,
    `Delete ${out}, or choose another folder with --out.`,
  );
  return { ...stored, epochs: epochs.map((epoch) => new Date(epoch)) };
}

/** Number of leads of a simulated workspace in a new folder, unless `--leads` says another. */
export const defaultLeads = 2_000;

/**
 * The simulated workspace of an output folder, with the run that starts now. The workspace changes a little at the start
 * of each run. A resumed run adds no time, so it finds the workspace as the
 * interrupted run did. Nothing is written.
 * @param wanted.leads number of leads; undefined: as many as the folder has
 * @param wanted.customFields true: leads have fields without a column, from now on
 * @throws UsageError if the folder holds a workspace of another size
 */
export async function nextEpochs(
  out: string,
  wanted: { leads: number | undefined; customFields: boolean; now: Date; isResumed: boolean },
): Promise<SimulatedWorkspace> {
  const { leads, customFields, now, isResumed } = wanted;
  if (!existsSync(pathOf(out))) return { leads: leads ?? defaultLeads, customFields, epochs: [now] };
  const stored = await storedEpochs(out);
  if (leads === undefined || stored.leads === leads)
    return {
      leads: stored.leads,
      customFields: customFields || stored.customFields,
      epochs: isResumed ? stored.epochs : [...stored.epochs, now],
    };
  throw new UsageError(
    `${out} holds a simulated workspace of ${stored.leads} leads. Leave out --leads, or choose another folder with --out.`,
  );
}

/** Stores the simulated workspace, for the next run on the folder. */
export async function keepEpochs(out: string, workspace: SimulatedWorkspace): Promise<void> {
  await writeFile(pathOf(out), JSON.stringify(workspace));
}
