/** Where the files of a lake are: in the folder of a local run, or in the bucket of a deployment. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Warehouse } from '../lambdas/core/iceberg/warehouse.ts';
import type { ObjectStore, ReadableStore } from '../lambdas/core/ports.ts';
import { inBatches } from '../lambdas/core/store/in-batches.ts';
import { folderObjects } from '../local/run/folder-objects.ts';
import type { LakeFile } from '../local/run/lake.ts';

export interface LakeSource {
  /** Writes are refused. */
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;
  /** Runs the work with paths of the files on this machine. Downloaded files are deleted when the work ends. */
  withFiles<T>(files: readonly LakeFile[], work: (paths: string[]) => Promise<T>): Promise<T>;
}

export function folderSource(out: string, warehouse: Warehouse): LakeSource {
  return {
    store: readOnly(folderObjects(out)),
    warehouse,
    withFiles: async (files, work) => work(files.map(({ key }) => join(out, key))),
  };
}

/** Most bytes that are downloaded from a bucket for one table. */
const mostBytes = 1024 ** 3;

export function bucketSource(bucket: string, store: ReadableStore): LakeSource {
  return {
    store: readOnly(store),
    warehouse: { root: `s3://${bucket}/` },
    async withFiles(files, work) {
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      if (bytes > mostBytes)
        throw new TooLargeError(
          `Its files have ${Math.ceil(bytes / 1024 ** 2)} MiB, and at most ${mostBytes / 1024 ** 2} MiB are fetched. Ask Athena.`,
        );
      const folder = await mkdtemp(join(tmpdir(), 'prospect-lake-'));
      try {
        return await work(await inBatches(files, (file) => fetchFile(file, folder, store)));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** A table is too large to be fetched. */
export class TooLargeError extends Error {}

async function fetchFile({ key }: LakeFile, folder: string, store: ReadableStore): Promise<string> {
  const object = await store.get(key);
  if (!object) throw new Error(`${key} was removed while it was read. Ask again.`);
  // Keeps the folder `dt=…` in the path, from which the column `dt` is read.
  const path = join(folder, key.replaceAll('/', '+').replace(/\+(dt=[^+]*)\+/, '/$1/'));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, object.body);
  return path;
}

function readOnly(store: ReadableStore): ObjectStore {
  const refuse = () => Promise.reject(new Error('This server only reads.'));
  return {
    get: (key) => store.get(key),
    list: (prefix) => store.list(prefix),
    head: (key) => store.get(key),
    put: refuse,
    delete: refuse,
  };
}
