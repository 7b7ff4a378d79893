/** In which columns each version of a row differs from the one before. */

import { contentDigest } from '../../lambdas/core/rows/rows.ts';
import type { ColumnValue } from '../../lambdas/contract/column-types.ts';
import { currentTableOf, type Stream } from '../../lambdas/contract/stream.ts';
import { readCurrent } from '../../lambdas/core/current/read-current.ts';
import type { RowColumns } from '../../lambdas/core/iceberg/data-file.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { columnNames, readParquetColumns } from '../../lambdas/core/rows/parquet/read-columns.ts';
import { DamagedObjectError, readObject } from '../../lambdas/core/store/stored-object.ts';
import { changedColumns, contentColumns, fingerprintsOf } from '../lake/changed-columns.ts';
import type { Damage } from '../lake/damage.ts';
import { rowId } from '../lake/row-id.ts';
import type { Tables, Version } from './find-versions.ts';

type Content = readonly [Version, Uint32Array];

/**
 * The changed columns of each version, by version. The first version of a row has none, nor have a tombstone and a
 * version whose file cannot be read. A column that is newer than the file of a version is left out.
 * @param versions sorted by time
 */
export async function changesOf(
  stream: Stream,
  versions: readonly Version[],
  tables: Tables,
  damage: Damage,
): Promise<Map<Version, readonly string[]>> {
  const contents = new Map([
    ...(await contentsOfFiles(stream, versions, tables, damage)),
    ...(await contentsOfCurrent(stream, versions, tables, damage)),
  ]);
  const changes = new Map<Version, readonly string[]>();
  const before = new Map<string, Content>();
  for (const version of versions) {
    const content = version.deletedAt === null ? contents.get(version) : undefined;
    if (!content) continue;
    const former = before.get(version.id);
    if (former) changes.set(version, changesSince(former, [version, content], stream));
    before.set(version.id, [version, content]);
  }
  return changes;
}

/** None if the API gave the same row again, whatever the columns were in which it was stored. */
function changesSince([former, before]: Content, [version, content]: Content, stream: Stream): string[] {
  const isSame =
    version.digest !== null && former.digest !== null && contentDigest(version.digest) === contentDigest(former.digest);
  return isSame ? [] : changedColumns(contentColumns(stream), before, content);
}

async function contentsOfFiles(
  stream: Stream,
  versions: readonly Version[],
  { store }: Tables,
  damage: Damage,
): Promise<Content[]> {
  const columns = contentColumns(stream);
  const contents: Content[] = [];
  for (const [file, ofFile] of Map.groupBy(versions, (version) => version.file)) {
    const read = file === null ? undefined : await damage.skipIfDamaged(() => readFile(file, columns, store));
    if (read)
      for (const version of ofFile)
        contents.push([version, fingerprintsOf(stream, rowAt(read, version.index), columns)]);
  }
  return contents;
}

/** Those of the columns that the file has. @throws DamagedObjectError */
async function readFile(file: string, columns: readonly string[], store: ObjectStore): Promise<RowColumns> {
  const object = await readObject(store, file);
  if (!object) throw new DamagedObjectError(file, 'is gone');
  const present = new Set(columnNames(file, object.body));
  return readParquetColumns(
    file,
    object.body,
    columns.filter((name) => present.has(name)),
  );
}

/** The contents of versions that only the current table still has. */
async function contentsOfCurrent(
  stream: Stream,
  versions: readonly Version[],
  tables: Tables,
  damage: Damage,
): Promise<Content[]> {
  const wanted = new Map(versions.flatMap((version) => (version.file === null ? [[version.id, version]] : [])));
  if (wanted.size === 0) return [];
  const columns = contentColumns(stream);
  const contents: Content[] = [];
  await damage.skipIfDamaged(async () => {
    for await (const read of readCurrent(currentTableOf(stream), [...stream.key, ...columns], tables)) {
      for (const index of (read['_extra'] ?? []).keys()) {
        const row = rowAt(read, index);
        const version = wanted.get(rowId(stream, row));
        if (version) contents.push([version, fingerprintsOf(stream, row, columns)]);
      }
    }
  });
  return contents;
}

function rowAt(read: RowColumns, index: number): Record<string, ColumnValue> {
  return Object.fromEntries(Object.entries(read).map(([name, values]) => [name, values[index] ?? null]));
}
