import { isDeepStrictEqual } from 'node:util';
import { readWholeParquet, type WholeFile } from './read.ts';
import { encode } from './write.ts';

/** Files of one schema, and one file with the rows of them all. */
export interface CompactedFile {
  /** Places in the list of what was given. */
  readonly sources: readonly number[];
  readonly parquet: Uint8Array;
}

/**
 * Puts the rows of files together, in their order. Files are written under the schema that they have, whatever
 * the table's is today, so that no column is lost; those of another schema go into another file. A file that
 * cannot be read, or that nothing else goes with, is in none.
 * @throws Error where what was written does not read as what it was made of: nothing may be deleted then
 */
export async function compactFiles(files: readonly Uint8Array[]): Promise<CompactedFile[]> {
  const groups = new Map<string, { sources: number[]; files: WholeFile[] }>();
  for (const [index, bytes] of files.entries()) {
    const file = await readWholeParquet(bytes).catch(() => undefined);
    if (!file) continue;
    const schema = JSON.stringify(file.schema);
    const group = groups.get(schema) ?? { sources: [], files: [] };
    group.sources.push(index);
    group.files.push(file);
    groups.set(schema, group);
  }
  const compacted: CompactedFile[] = [];
  for (const { sources, files: alike } of groups.values()) {
    const [first] = alike;
    if (!first || sources.length < 2) continue;
    const columns = first.columns.map(({ name }, at) => ({
      name,
      data: alike.flatMap((file) => file.columns[at]?.data ?? []),
    }));
    const parquet = encode(first.schema, columns);
    const again = await readWholeParquet(parquet);
    if (!isDeepStrictEqual(again, { schema: first.schema, columns }))
      throw new Error('A compacted file does not hold what its sources hold; none of them is touched.');
    compacted.push({ sources, parquet });
  }
  return compacted;
}
