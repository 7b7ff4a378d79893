import { chunkKey } from '../../lambdas/contract/object-keys.ts';
import type { PersonalChoice } from '../../lambdas/contract/personal-data.ts';
import { chunkLines } from '../../lambdas/core/chunk-log.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { parseRawLine } from '../../lambdas/core/raw-line.ts';
import { createRowParser } from '../../lambdas/core/rows.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import type { Difference } from './compare-table.ts';
import type { LostFile } from './lost-files.ts';
import { digestOf, keyText, timeOf, versionColumns } from './row-version.ts';

/**
 * Which of the rows that the lake lacks come back when lost files are made again from their raw chunks: these
 * need not be read from the API.
 */
export async function recoverableRows(
  files: readonly LostFile[],
  choice: PersonalChoice | undefined,
  store: ObjectStore,
): Promise<(table: string, difference: Difference) => boolean> {
  const versions = new Set<string>();
  const tables = new Set(streams.map(({ name }) => name));
  for (const { table, stream: name, runId, taskId, sequence, convertible } of files) {
    const chunk =
      convertible && tables.has(table) ? await store.get(chunkKey(name, runId, taskId, sequence)) : undefined;
    if (!chunk) continue;
    const stream = streamNamed(name);
    const parser = createRowParser(stream, runId);
    const compared = versionColumns(stream, choice);
    for (const line of chunkLines(chunk.body)) {
      const parsed = parser.parse(parseRawLine(line));
      if (!('row' in parsed) || parsed.row['_deleted_at'] != null) continue;
      const version = timeOf(parsed.row['updated_at']) ?? digestOf(parsed.row, compared);
      versions.add(nameOf(table, keyText(stream, parsed.row), version));
    }
  }
  return (table, { kind, key, version }) => kind !== 'ghost' && versions.has(nameOf(table, key, version));
}

function nameOf(table: string, key: string, version: Difference['version']): string {
  return JSON.stringify([table, key, version]);
}
