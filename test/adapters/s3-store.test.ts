import { PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3Store } from '../../lambdas/adapters/s3-store.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { rejection } from '../support/api-caller.ts';
import { drain } from '../support/drain.ts';
import { type SmallCloud, startSmallCloud } from '../support/small-cloud.ts';

let small: SmallCloud;
let store: ObjectStore;
beforeAll(async () => {
  small = await startSmallCloud();
  store = createS3Store(small.cloud.bucketName('lake'), small.cloud.clients().s3);
});
afterAll(() => small.stop());

const textOf = async (key: string) => new TextDecoder().decode((await store.get(key))?.body);

describe('an object', () => {
  it('that does not exist is undefined, with and without its body', async () => {
    expect(await store.get('none')).toBeUndefined();
    expect(await store.head('none')).toBeUndefined();
  });

  it('is read as written, with its metadata and one ETag', async () => {
    const body = new Uint8Array([0, 255, 10]);
    expect(await store.put('a/b', body, { metadata: { mark: '{"rows":1}' }, contentType: 'x/y' })).toBe(true);
    const got = await store.get('a/b');
    expect(got).toMatchObject({ body, metadata: { mark: '{"rows":1}' } });
    expect(await store.head('a/b')).toEqual({ etag: got?.etag, metadata: got?.metadata });
    expect(got?.etag).not.toBe('');
  });

  it('may be empty', async () => {
    await store.put('empty', new Uint8Array());
    expect(await store.get('empty')).toMatchObject({ body: new Uint8Array() });
  });

  it('is created once with `ifAbsent`, and stays', async () => {
    const puts = ['first', 'second'].map(async (text) => store.put('once', text, { ifAbsent: true }));
    const done = await Promise.all(puts);
    expect(done.toSorted()).toEqual([false, true]);
    expect(await textOf('once')).toBe(done[0] ? 'first' : 'second');
  });

  it('is replaced with `ifMatch` by one of the writers that read the same version', async () => {
    await store.put('turn', '0');
    const ifMatch = (await store.head('turn'))?.etag ?? '';
    expect(await store.put('turn', '1', { ifMatch })).toBe(true);
    expect(await store.put('turn', '2', { ifMatch })).toBe(false);
    expect(await textOf('turn')).toBe('1');
  });

  it('that does not exist is not created with `ifMatch`', async () => {
    expect(await store.put('never', 'x', { ifMatch: '"0"' })).toBe(false);
    expect(await store.get('never')).toBeUndefined();
  });

  it('can be deleted repeatedly, without affecting others', async () => {
    await store.put('old/a', 'x');
    await store.put('old/ab', 'y');
    await store.delete('old/a');
    await store.delete('old/a');
    expect(await store.get('old/a')).toBeUndefined();
    expect(await textOf('old/ab')).toBe('y');
  });

  it('in a bucket that does not exist is an error', async () => {
    const elsewhere = createS3Store('no-such-bucket', small.cloud.clients().s3);
    expect(await rejection(elsewhere.put('a', 'x', { ifAbsent: true }))).toMatchObject({ name: 'NoSuchBucket' });
  });
});

/**
 * Puts an object without a signature, which the embedded cloud allows. The SDK would be slow for a thousand objects.
 */
async function putUnsigned(key: string): Promise<void> {
  const url = `${small.cloud.endpoint}/${small.cloud.bucketName('lake')}/${key}`;
  const { ok } = await fetch(url, { method: 'PUT', body: 'four' });
  if (!ok) throw new Error(`The embedded cloud did not take ${key}.`);
}

describe('a listing', () => {
  it('continues after the first thousand keys, in order and within its prefix', async () => {
    const keys = Array.from({ length: 1_003 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
    await store.put('man', 'x');
    await store.put('many0', 'x');
    for (let index = 0; index < keys.length; index += 50)
      await Promise.all(keys.slice(index, index + 50).map(putUnsigned));
    const listed = await drain(store.list('many/'));
    expect(listed.map(({ key }) => key)).toEqual(keys);
    expect(listed[0]).toEqual({ key: 'many/0000', size: 4, etag: (await store.head('many/0000'))?.etag });
  });

  it('of a prefix without keys is empty', async () => {
    expect(await drain(store.list('nothing/'))).toEqual([]);
  });
});

describe('faults of the bucket', () => {
  const fault = (httpStatusCode: number, name: string) =>
    new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode } });
  const conflict = fault(409, 'ConditionalRequestConflict');
  /** A store whose client is mocked; the clients of the embedded cloud stay unmocked. */
  function faulty() {
    const client = new S3Client({ region: 'eu-central-1' });
    return { s3: mockClient(client), put: async () => createS3Store('lake', client).put('k', 'x', { ifAbsent: true }) };
  }

  it('such as simultaneous conditional writes are retried', async () => {
    const { s3, put } = faulty();
    s3.on(PutObjectCommand).rejectsOnce(conflict).rejectsOnce(conflict).resolves({});
    expect(await put()).toBe(true);
    expect(s3.calls()).toHaveLength(3);
  });

  it('may end with the other writer as the winner', async () => {
    const { s3, put } = faulty();
    s3.on(PutObjectCommand).rejectsOnce(conflict).rejects(fault(412, 'PreconditionFailed'));
    expect(await put()).toBe(false);
  });

  it('that persist are an error', async () => {
    const { s3, put } = faulty();
    s3.on(PutObjectCommand).rejects(conflict);
    expect(await rejection(put())).toBe(conflict);
    expect(s3.calls()).toHaveLength(8);
  });

  it.each([403, 404, 500, 503])('are errors: %i means neither absence nor an unmet condition', async (status) => {
    const { s3, put } = faulty();
    const error = fault(status, 'SomeFault');
    s3.on(PutObjectCommand).rejects(error);
    expect(await rejection(put())).toBe(error);
  });

  it('are errors for a reader as well, unless they mean absence', async () => {
    const client = new S3Client({ region: 'eu-central-1' });
    const denied = fault(403, 'AccessDenied');
    mockClient(client).rejects(denied);
    const store = createS3Store('lake', client);
    expect(await rejection(store.get('k'))).toBe(denied);
    expect(await rejection(store.head('k'))).toBe(denied);
    expect(await rejection(drain(store.list('k')))).toBe(denied);
  });
});
