import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { isFullDisk } from '../../cli/full-disk.ts';
import type { S3Object, S3PersistenceProvider, S3Store } from '../fauxqs-stores.ts';
import type { StateFile } from '../state-file.ts';

const storedObject = z.object({
  key: z.string(),
  contentType: z.string(),
  contentLength: z.number(),
  etag: z.string(),
  lastModified: z.string().transform((text) => new Date(text)),
  metadata: z.record(z.string(), z.string()),
  contentLanguage: z.string().optional(),
  contentDisposition: z.string().optional(),
  cacheControl: z.string().optional(),
  contentEncoding: z.string().optional(),
  parts: z.array(z.object({ partNumber: z.number(), offset: z.number(), length: z.number() })).optional(),
  checksumAlgorithm: z.enum(['CRC32', 'SHA1', 'SHA256']).optional(),
  checksumValue: z.string().optional(),
  checksumType: z.enum(['FULL_OBJECT', 'COMPOSITE']).optional(),
  partChecksums: z.array(z.string()).optional(),
});
const objectRow = z.object({ bucket: z.string(), key: z.string(), object: z.string(), upload: z.string() });

/**
 * Stores objects as plain files at `<root>/<key>`, so that any tool can read a table's Parquet files.
 *
 * A put first writes its body to `uploads/<id>`, then its metadata as a row of the state file (SQLite), then moves the
 * body into place. The object exists once its row is written: if the process is killed before that, the old object
 * stays; if it is killed after that, the next start moves the body. Body and metadata never disagree.
 */
export class ObjectFiles implements S3PersistenceProvider {
  readonly #state: StateFile;
  readonly #uploads: string;
  readonly #roots = new Map<string, string>();
  /** Folders that are known to exist. Making them for each object took as long as writing the objects. */
  readonly #folders = new Set<string>();
  /** Every object without its body, by bucket and key. */
  readonly objects = new Map<string, Map<string, S3Object>>();
  readonly #upsert;
  readonly #delete;
  readonly #rowOf;

  /** @param folder `.cloud` in the output folder */
  constructor(state: StateFile, folder: string) {
    this.#state = state;
    this.#uploads = join(folder, 'uploads');
    mkdirSync(this.#uploads, { recursive: true });
    this.#upsert = state.prepare('INSERT OR REPLACE INTO objects (bucket, key, object, upload) VALUES (?, ?, ?, ?)');
    this.#delete = state.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?');
    this.#rowOf = state.prepare('SELECT upload FROM objects WHERE bucket = ? AND key = ?');
  }

  /** Sets the folder of a bucket's objects. Call it before anything is put into the bucket. */
  addBucket(name: string, root: string): void {
    mkdirSync(root, { recursive: true });
    this.#roots.set(name, root);
    this.objects.set(name, new Map());
  }

  upsertObject(bucket: string, object: S3Object): void {
    try {
      this.#write(bucket, object);
    } catch (error) {
      // Thrown outside the request, so that a full disk ends the process: clients would retry an error answer for
      // minutes.
      if (isFullDisk(error))
        setImmediate(() => {
          throw error;
        });
      throw error;
    }
  }

  #write(bucket: string, object: S3Object): void {
    const upload = randomUUID();
    const { body, ...described } = object;
    const path = this.#path(bucket, object.key);
    // Created before the row is written, because the row makes the object exist: a key that cannot be a file fails
    // here.
    this.#makeFolder(dirname(path));
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new Error(`${object.key} cannot be stored: there are objects below it.`);
    writeFileSync(join(this.#uploads, upload), body);
    this.#state.join();
    this.#upsert.run(bucket, object.key, JSON.stringify(described), upload);
    this.#state.commit();
    renameSync(join(this.#uploads, upload), path);
    this.objects.get(bucket)?.set(object.key, { ...object, body: Buffer.alloc(0) });
  }

  #makeFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    mkdirSync(folder, { recursive: true });
    this.#folders.add(folder);
  }

  deleteObject(bucket: string, key: string): void {
    if (this.#rowOf.get(bucket, key) === undefined) return;
    rmSync(this.#path(bucket, key), { force: true });
    this.#state.join();
    this.#delete.run(bucket, key);
    this.#state.commit();
    this.objects.get(bucket)?.delete(key);
  }

  readBody(bucket: string, key: string): Buffer {
    return readFileSync(this.#path(bucket, key));
  }

  completeMultipartUpload(_uploadId: string, bucket: string, object: S3Object): void {
    this.upsertObject(bucket, object);
  }

  /**
   * Fills the store from the state file and the files, and completes the puts of a killed process. If a person deleted
   * or changed a file, its object is deleted or changed too.
   */
  loadS3(store: S3Store): void {
    const rows = this.#state.prepare('SELECT bucket, key, object, upload FROM objects').all();
    for (const row of rows.map((raw) => objectRow.parse(raw))) {
      if (!this.#roots.has(row.bucket)) continue;
      const path = this.#path(row.bucket, row.key);
      const left = join(this.#uploads, row.upload);
      if (statSync(left, { throwIfNoEntry: false })) renameSync(left, path);
      const object = { ...storedObject.parse(JSON.parse(row.object)), body: Buffer.alloc(0) };
      const size = statSync(path, { throwIfNoEntry: false })?.size;
      if (size === undefined) {
        this.#delete.run(row.bucket, row.key);
        continue;
      }
      if (size !== object.contentLength) Object.assign(object, describe(readFileSync(path)));
      this.objects.get(row.bucket)?.set(row.key, object);
      store.restoreObject(row.bucket, object);
    }
    for (const name of readdirSync(this.#uploads)) rmSync(join(this.#uploads, name));
  }

  #path(bucket: string, key: string): string {
    const root = this.#roots.get(bucket);
    if (root === undefined) throw new Error(`There is no bucket ${bucket}.`);
    return join(root, ...key.split('/').map(fileName));
  }

  deleteObjectsByBucket(bucket: string): void {
    for (const key of this.objects.get(bucket)?.keys() ?? []) this.deleteObject(bucket, key);
  }

  /** Stores nothing: multipart uploads are kept in memory until they are complete; buckets come from the template. */
  insertMultipartUpload(): void {}
  upsertMultipartPart(): void {}
  deleteMultipartUpload(): void {}
  deleteAllMultipartUploads(): void {}
  insertBucket(): void {}
  deleteBucket(): void {}
  saveBucketLifecycleConfiguration(): void {}
  deleteBucketLifecycleConfiguration(): void {}
  close(): void {}

  /** Never called: fauxqs uses these methods only in its own server, and to rename objects in directory buckets. */
  deleteAllObjects(): void {
    throw new Error('Objects are deleted one by one.');
  }

  purgeAll(): void {
    this.deleteAllObjects();
  }

  renameObject(): void {
    throw new Error('The embedded cloud has no directory buckets.');
  }
}

/** A longer name is replaced by its hash: common file systems allow names of at most 255 bytes. */
const maxNameBytes = 200;

/** A part of a key as a file name. A part with a meaning of its own, such as `..` or `.cloud`, is escaped. */
function fileName(part: string, index: number): string {
  if (part === '' || part === '.' || part === '..' || (index === 0 && part === '.cloud'))
    return `%${Buffer.from(part).toString('hex')}%`;
  const name = part.replaceAll('%', '%25').replaceAll('\0', '%00');
  if (Buffer.byteLength(name) <= maxNameBytes) return name;
  return `%${createHash('sha256').update(part).digest('hex')}`;
}

function describe(body: Buffer): Pick<S3Object, 'contentLength' | 'etag' | 'lastModified' | 'checksumValue'> {
  return {
    contentLength: body.length,
    etag: `"${createHash('md5').update(body).digest('hex')}"`,
    lastModified: new Date(),
    checksumValue: undefined,
  };
}
