import type { ReadableStore, StoredObject } from '../ports.ts';

/** The object under a key is not what the pipeline wrote. */
export class DamagedObjectError extends Error {
  readonly key: string;
  readonly fault: string;

  /** @param fault such as `is not JSON`; never part of the content, which may be personal data */
  constructor(key: string, fault: string) {
    super(`${key} ${fault}. ${restoring}`);
    this.name = 'DamagedObjectError';
    this.key = key;
    this.fault = fault;
  }
}

/**
 * Advice for an operator. 14 days is `undoDays` in contract/retention.ts; a folder of `npm start` keeps no
 * versions.
 */
const restoring = 'Restore its previous version: the bucket keeps replaced and deleted objects for 14 days.';

/**
 * Decodes an object. A decoder's own error could quote the content.
 * @throws DamagedObjectError if `decode` throws
 */
export function decodeObject<T>(key: string, fault: string, decode: () => T): T {
  try {
    return decode();
  } catch {
    throw new DamagedObjectError(key, fault);
  }
}

/**
 * The object, or undefined if there is none.
 * @throws DamagedObjectError if its bytes are not the bytes that were stored
 */
export async function readObject(store: Pick<ReadableStore, 'get'>, key: string): Promise<StoredObject | undefined> {
  try {
    return await store.get(key);
  } catch (error) {
    // The SDK identifies this error only by its message.
    if (error instanceof Error && error.message.startsWith('Checksum mismatch'))
      throw new DamagedObjectError(key, 'is damaged: its checksum does not match');
    throw error;
  }
}
