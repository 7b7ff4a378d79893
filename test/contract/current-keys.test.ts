import { describe, expect, it } from 'vitest';
import * as keys from '../../lambdas/contract/current-keys.ts';

const now = new Date('2026-05-01T02:03:04.567Z');

describe('a key of a current table', () => {
  it.each([keys.manifestKey, keys.manifestListKey, keys.dataFileKey, keys.stateObjectKey])(
    'says when it was written: %o',
    (keyOf) => {
      const key = keyOf('leads', now, 'a-b');
      expect(key).toMatch(/^current\/leads\/(metadata|data|state)\/20260501T020304Z-a-b\./);
      expect(keys.writtenAt(key)).toEqual(new Date('2026-05-01T02:03:04.000Z'));
    },
  );

  it.each([1, 9, 10, 123_456])('of version %i contains its number', (version) => {
    const key = keys.versionKey('leads', version);
    expect(keys.versionOf(key)).toBe(version);
    expect(keys.versionOf(`s3://bucket/${key}`)).toBe(version);
    expect(key.startsWith(keys.versionKeysPrefix('leads'))).toBe(true);
    expect(keys.writtenAt(key)).toBeUndefined();
  });

  it.each(['current/leads/metadata/00001-5f3a.metadata.json', 'current/leads/metadata/v01.metadata.json'])(
    'that is not of this form has no version: %s',
    (key) => {
      expect(keys.versionOf(key)).toBeUndefined();
    },
  );
});
