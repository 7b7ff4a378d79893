import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from './usage-error.ts';

const pathOf = (out: string) => join(out, 'simulator.json');
const epochsFile = z.object({ leads: z.number().int(), epochs: z.array(z.iso.datetime()) });

/** @throws UsageError where no run on the folder used the simulator */
export async function storedEpochs(out: string): Promise<{ leads: number; epochs: Date[] }> {
  const path = pathOf(out);
  if (!existsSync(path))
    throw new UsageError(
      `There is no simulated workspace under ${out}. Run npm start first, or name its folder with --out.`,
    );
  const { leads, epochs } = epochsFile.parse(JSON.parse(await readFile(path, 'utf8')));
  return { leads, epochs: epochs.map((epoch) => new Date(epoch)) };
}

/**
 * The start times of the runs on an output folder, this one included: the simulated workspace changes a
 * little at each of them. A run that takes up an interrupted one finds the workspace as that one did.
 */
export async function simulatorEpochs(out: string, leads: number, now: Date): Promise<Date[]> {
  const path = pathOf(out);
  const stored = existsSync(path) ? epochsFile.parse(JSON.parse(await readFile(path, 'utf8'))) : { leads, epochs: [] };
  if (stored.leads !== leads) {
    throw new UsageError(
      `${out} holds a simulated workspace of ${stored.leads} leads. Choose another folder with --out, or --leads ${stored.leads}.`,
    );
  }
  const epochs = [...stored.epochs, now.toISOString()];
  await writeFile(path, JSON.stringify({ leads, epochs }));
  return epochs.map((epoch) => new Date(epoch));
}
