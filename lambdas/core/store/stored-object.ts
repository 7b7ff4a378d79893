import type { ReadableStore, StoredObject } from '../ports.ts';

/** What lies under a key is not what the pipeline has written there. */
export class DamagedObjectError extends Error {
  readonly key: string;
  readonly fault: string;

  /** @param fault such as `is not JSON`; never of the content, which may be a person's */
  constructor(key: string, fault: string) {
    super(`${key} ${fault}. ${restoring}`);
    this.name = 'DamagedObjectError';
    this.key = key;
    this.fault = fault;
  }
}

/** `undoDays` of lib/constructs/lake-bucket.ts. A folder of `npm start` keeps no versions. */
const restoring = 'Restore its former version: the bucket keeps what was replaced or deleted for 14 days.';

/**
 * The object, or undefined where there is none.
 * @throws DamagedObjectError where its bytes are not those that were stored
 */
export async function readObject(store: Pick<ReadableStore, 'get'>, key: string): Promise<StoredObject | undefined> {
  try {
    return await store.get(key);
  } catch (error) {
    // The SDK tells this in words alone.
    if (error instanceof Error && error.message.startsWith('Checksum mismatch'))
      throw new DamagedObjectError(key, 'is damaged: its checksum is another');
    throw error;
  }
}
