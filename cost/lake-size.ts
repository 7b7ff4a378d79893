import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { prefixes } from '../lambdas/contract/object-keys.ts';

export interface LakeSize {
  readonly stored: { readonly raw: number; readonly runs: number; readonly lake: number };
  /** By table. */
  readonly tables: ReadonlyMap<string, { readonly bytes: number; readonly files: number }>;
}

/** What lies in the folder that is the lake's bucket. */
export async function lakeSize(folder: string): Promise<LakeSize> {
  const tables = new Map<string, { bytes: number; files: number }>();
  const bytesUnder = async (prefix: string): Promise<number> => {
    const path = join(folder, prefix);
    if (!existsSync(path)) return 0;
    let sum = 0;
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const { size } = await stat(file);
      sum += size;
      if (prefix !== prefixes.lake) continue;
      const [table = ''] = relative(path, file).split(sep);
      const { bytes, files } = tables.get(table) ?? { bytes: 0, files: 0 };
      tables.set(table, { bytes: bytes + size, files: files + 1 });
    }
    return sum;
  };
  const stored = {
    raw: await bytesUnder(prefixes.raw),
    runs: await bytesUnder(prefixes.runs),
    lake: await bytesUnder(prefixes.lake),
  };
  return { stored, tables };
}
