import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { currentAssembly } from '../../local/run/assembly.ts';

const template = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Properties: z.record(z.string(), z.unknown()).optional() })),
});

/** A copy of the cloud assembly in which a function has a timeout of `seconds`. */
export async function assemblyWithTimeout(
  functionName: string,
  seconds: number,
): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'assembly-'));
  const path = join(folder, 'assembly');
  await cp(await currentAssembly(), path, { recursive: true });
  for (const name of await readdir(path, { recursive: true })) {
    if (!name.endsWith('.template.json')) continue;
    const file = join(path, name);
    const parsed = template.parse(JSON.parse(await readFile(file, 'utf8')));
    for (const { Properties } of Object.values(parsed.Resources))
      if (Properties?.['FunctionName'] === functionName) Properties['Timeout'] = seconds;
    await writeFile(file, JSON.stringify(parsed));
  }
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
