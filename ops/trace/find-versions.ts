import { z } from 'zod';
import { prefixes } from '../../lambdas/contract/object-keys.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import type { Damage } from '../lake/damage.ts';
import { readListedRows } from '../lake/read-listed.ts';
import { keyParts, keyText, timeOf } from '../lake/row-version.ts';

/** One version of a row in a file of the lake: ids and times of it, and nothing else. */
export interface Version {
  readonly table: string;
  /** The values of the row's key, joined by a slash. */
  readonly id: string;
  readonly file: string;
  /** Which row of the file it is, from 0. */
  readonly index: number;
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly extractedAt: number;
  readonly updatedAt: number | null;
  readonly deletedAt: number | null;
  readonly requestId: string | null;
}

const meta = z.object({
  _run_id: z.string(),
  _extracted_at: z.date(),
  _request_id: z.string().nullish(),
  _deleted_at: z.date().nullish(),
});

/** Versions that are wanted, file by file. Files that cannot be read are passed over. */
export async function* findVersions(
  stream: Stream,
  store: ObjectStore,
  damage: Damage,
  isWanted: (version: Pick<Version, 'id' | 'requestId'>) => boolean,
): AsyncGenerator<Version> {
  const columns = [...stream.key, 'updated_at', ...Object.keys(meta.shape)];
  for await (const { key: file } of store.list(`${prefixes.lake}${stream.name}/`)) {
    if (!file.endsWith('.parquet')) continue;
    const versionOf = (row: Record<string, unknown>, index: number): Version => {
      const { _run_id: runId, _extracted_at: extracted, _deleted_at: deleted, _request_id: request } = meta.parse(row);
      const id = keyParts(stream, keyText(stream, row)).join('/');
      const [extractedAt, updatedAt, deletedAt] = [extracted.getTime(), timeOf(row['updated_at']), timeOf(deleted)];
      return {
        table: stream.name,
        id,
        file,
        index,
        runId,
        extractedAt,
        updatedAt,
        deletedAt,
        requestId: request ?? null,
      };
    };
    const versions = await damage.passOver(() => readListedRows(file, columns, versionOf, store));
    yield* versions?.filter(isWanted) ?? [];
  }
}

/** Whether a row is meant by what a person wrote: its whole key, or the last value of it. */
export function isNamed(id: string, wanted: string): boolean {
  return id === wanted || id.endsWith(`/${wanted}`);
}
