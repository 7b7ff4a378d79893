/** Access to the bucket of an embedded cloud, which is a folder. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectsCommand, paginateListObjectsV2, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Cloud } from '../../local/cloud/cloud.ts';
import { MemoryStore } from './memory-store.ts';

const cloudFolder = '.cloud';

/** Every object in the bucket. */
export async function readLakeFolder(out: string): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const key = path.slice(out.length + 1);
    if (entry.isFile() && !key.startsWith(`${cloudFolder}/`)) await store.put(key, await readFile(path));
  }
  return store;
}

/** Restores the bucket to this content: deletes new objects and rewrites changed ones. */
export async function restoreLake(cloud: Cloud, lake: MemoryStore): Promise<void> {
  const { s3 } = cloud.clients();
  const Bucket = cloud.bucketName('lake');
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    const Objects: { Key: string }[] = [];
    for (const { Key = '', ETag } of page.Contents ?? []) {
      const before = lake.objects.get(Key);
      if (!before) Objects.push({ Key });
      else if (before.etag !== ETag) await s3.send(new PutObjectCommand({ Bucket, Key, Body: before.body }));
    }
    if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  }
  s3.destroy();
}
