import { type S3Object, S3Store } from '../fauxqs-stores.ts';
import type { ObjectFiles } from './object-files.ts';

/**
 * Lists keys as S3 does. The listing of fauxqs, the S3 emulator, sorts by locale but pages by code units, so it loses
 * keys between pages.
 */
export class ObjectStore extends S3Store {
  readonly #files: ObjectFiles;

  constructor(files: ObjectFiles) {
    super();
    this.#files = files;
    this.persistence = files;
  }

  override listObjects(
    bucket: string,
    options: { prefix?: string; delimiter?: string; maxKeys?: number; startAfter?: string; marker?: string } = {},
  ): { objects: S3Object[]; commonPrefixes: string[]; isTruncated: boolean } {
    const { prefix = '', delimiter, maxKeys = 1_000, startAfter = '', marker = '' } = options;
    const after = startAfter || marker;
    const all = this.#files.objects.get(bucket);
    if (!all) return super.listObjects(bucket);
    const keys = [...all.keys()]
      .filter((key) => key.startsWith(prefix) && inUtf8Order(key, after) > 0)
      .toSorted(inUtf8Order);
    const objects: S3Object[] = [];
    const commonPrefixes = new Set<string>();
    for (const key of keys) {
      const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      const common = end < 0 ? undefined : key.slice(0, end + (delimiter?.length ?? 0));
      if (common !== undefined && (commonPrefixes.has(common) || inUtf8Order(common, after) <= 0)) continue;
      if (objects.length + commonPrefixes.size >= maxKeys)
        return { objects, commonPrefixes: [...commonPrefixes], isTruncated: true };
      const object = all.get(key);
      if (common !== undefined) commonPrefixes.add(common);
      else if (object) objects.push(object);
    }
    return { objects, commonPrefixes: [...commonPrefixes], isTruncated: false };
  }
}

/** Compares two keys by their UTF-8 bytes. This differs from JavaScript's order, by code units, only for surrogates. */
function inUtf8Order(a: string, b: string): number {
  for (let index = 0; index < a.length && index < b.length; index += 1) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (x === y) continue;
    const bothHigh = x >= 0xd800 && y >= 0xd800;
    const isSurrogate = (unit: number) => unit <= 0xdfff;
    if (bothHigh && isSurrogate(x) !== isSurrogate(y)) return isSurrogate(x) ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}
