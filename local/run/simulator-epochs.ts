import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readStored } from './stored-file.ts';
import { UsageError } from '../cli/usage-error.ts';

const pathOf = (out: string) => join(out, 'simulator.json');
const epochsFile = z.object({ leads: z.number().int(), epochs: z.array(z.iso.datetime()) });

/**
 * The number of leads of a folder's simulated workspace, and its epochs: the start times of the runs on it.
 * @throws UsageError if no run on the folder used the simulator
 */
export async function storedEpochs(out: string): Promise<{ leads: number; epochs: Date[] }> {
  const path = pathOf(out);
  if (!existsSync(path))
    throw new UsageError(
      `There is no simulated workspace under ${out}. Run npx prospect-lake start first, or name its folder with --out.`,
    );
  const { leads, epochs } = await readStored(path, epochsFile, `Delete ${out}, or choose another folder with --out.`);
  return { leads, epochs: epochs.map((epoch) => new Date(epoch)) };
}

/** Number of leads of a simulated workspace in a new folder, unless `--leads` says another. */
export const defaultLeads = 2_000;

/**
 * The simulated workspace of an output folder, and the start times of the runs on it, with the run that starts now. The
 * workspace changes a little at each of these times. A resumed run adds no time, so it finds the workspace as the
 * interrupted run did. Nothing is written.
 * @param leads number of leads; undefined: as many as the folder has
 * @throws UsageError if the folder holds a workspace of another size
 */
export async function nextEpochs(
  out: string,
  { leads, now, isResumed }: { leads: number | undefined; now: Date; isResumed: boolean },
): Promise<{ leads: number; epochs: Date[] }> {
  if (!existsSync(pathOf(out))) return { leads: leads ?? defaultLeads, epochs: [now] };
  const stored = await storedEpochs(out);
  if (leads === undefined || stored.leads === leads)
    return { leads: stored.leads, epochs: isResumed ? stored.epochs : [...stored.epochs, now] };
  throw new UsageError(
    `${out} holds a simulated workspace of ${stored.leads} leads. Leave out --leads, or choose another folder with --out.`,
  );
}

/** Stores the start times of the runs on the simulated workspace, for the next run on the folder. */
export async function keepEpochs(out: string, leads: number, epochs: readonly Date[]): Promise<void> {
  await writeFile(pathOf(out), JSON.stringify({ leads, epochs }));
}
