/**
 * Keys of the objects of current tables, which are Iceberg tables. Every key except that of a version contains the time
 * of writing, so that expiry can spare objects that are too young to remove.
 */

import { prefixes } from './object-keys.ts';

export const currentTablePrefix = (table: string) => `${prefixes.current}${table}/`;

const versionsPrefix = (table: string) => `${currentTablePrefix(table)}metadata/v`;
export const versionKey = (table: string, version: number | '*') => `${versionsPrefix(table)}${version}.metadata.json`;
/** Prefix with which to list all versions of a table. Few other keys begin with it, so the listing is short. */
export const versionKeysPrefix = versionsPrefix;
export const isVersionKeysPrefix = (prefix: string) => /^current\/[^/]+\/metadata\/v$/.test(prefix);
/** The version number in a key or URI; undefined for anything else. */
export function versionOf(key: string): number | undefined {
  const [, version] = /\/metadata\/v([1-9]\d*)\.metadata\.json$/.exec(key) ?? [];
  return version === undefined ? undefined : Number(version);
}

export const manifestKey = (table: string, now: Date, id: string) =>
  `${currentTablePrefix(table)}metadata/${stamp(now)}-${id}.manifest.avro`;
export const manifestListKey = (table: string, now: Date, id: string) =>
  `${currentTablePrefix(table)}metadata/${stamp(now)}-${id}.snapshot.avro`;
export const dataFileKey = (table: string, now: Date, id: string) =>
  `${currentTablePrefix(table)}data/${stamp(now)}-${id}.parquet`;
/**
 * Key of an object with what the merge must remember about a version. The version names it in {@link stateProperty}.
 */
export const stateObjectKey = (table: string, now: Date, id: string) =>
  `${currentTablePrefix(table)}state/${stamp(now)}-${id}.json.gz`;

/** Property of a table version: the key of its state object. */
export const stateProperty = 'prospect-lake.state';

/** When the object under a key was written; undefined if the key contains no time. */
export function writtenAt(key: string): Date | undefined {
  const pattern = /\/(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-[^/]+$/;
  const [, year, month, day, hour, minute, second] = pattern.exec(key) ?? [];
  return year === undefined ? undefined : new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function stamp(now: Date): string {
  return now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}
