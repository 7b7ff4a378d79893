import { createHash } from 'node:crypto';
import type { ObjectStore, PutOptions, StoredObject } from '../../lambdas/core/ports.ts';

/** An object store in memory, with the conditional writes of S3. */
export class MemoryStore implements ObjectStore {
  readonly objects = new Map<string, StoredObject>();
  /** Keys in the order of their writes. */
  readonly writes: string[] = [];

  async get(key: string): Promise<StoredObject | undefined> {
    return this.objects.get(key);
  }

  async head(key: string): Promise<Omit<StoredObject, 'body'> | undefined> {
    const object = this.objects.get(key);
    return object && { etag: object.etag, metadata: object.metadata };
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions = {}): Promise<boolean> {
    const stored = this.objects.get(key);
    if (options.ifAbsent && stored) return false;
    if (options.ifMatch !== undefined && stored?.etag !== options.ifMatch) return false;
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    this.objects.set(key, { body: bytes, etag, metadata: options.metadata ?? {} });
    this.writes.push(key);
    return true;
  }

  async delete(key: string): Promise<void> {
    this.objects.delete(key);
  }

  async *list(prefix: string): AsyncIterable<{ key: string; etag: string; size: number }> {
    for (const key of [...this.objects.keys()].toSorted()) {
      const object = this.objects.get(key);
      if (object && key.startsWith(prefix)) yield { key, etag: object.etag, size: object.body.byteLength };
    }
  }

  keys(prefix: string): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  }

  json(key: string): unknown {
    const object = this.objects.get(key);
    return object && JSON.parse(new TextDecoder().decode(object.body));
  }
}
