import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ExportFileError } from '../../../lambdas/core/errors.ts';
import { exportRows, type FileBounds } from '../../../lambdas/core/exports/export-file.ts';
import { leads } from '../../../lambdas/streams/leads.ts';

async function rowsOf(fileKey: string, content: string | Uint8Array, bounds?: FileBounds): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const row of exportRows(fileKey, pieces(Buffer.from(content)), leads.columns, bounds))
    rows.push(JSON.parse(row));
  return rows;
}

describe('a damaged or malicious export file', () => {
  const small: FileBounds = { recordBytes: 1_000, fileBytes: 100_000, cells: 5 };
  const long = 'x'.repeat(1_001);

  it.each([
    ['a CSV record over the bound', 'e.csv', `id,email\nl1,"${long}"\n`],
    ['a CSV quote that is never closed', 'e.csv', `id,email\nl1,"${'\n'.repeat(2_000)}`],
    ['a CSV header with more columns than the bound', 'e.csv', 'a,b,c,d,e,f\n1,2\n'],
    ['an NDJSON line over the bound', 'e.ndjson', `{"id":"l1"}\n{"id":"${long}"}\n`],
    ['an NDJSON line that never ends', 'e.ndjson', `{"id":"${'x'.repeat(50_000)}`],
    ['more bytes than the bound, unpacked', 'e.ndjson.gz', gzipSync('{"id":"l1"}\n'.repeat(20_000))],
    ['nothing but empty lines', 'e.csv.gz', gzipSync('\n'.repeat(200_000))],
    ['a gzip that is cut off', 'e.csv.gz', gzipSync('id\n'.repeat(1_000)).subarray(0, 40)],
    ['a ZIP archive', 'e.csv', Buffer.from('PK\u0003\u0004 and more')],
    [
      'a gzip that is damaged',
      'e.csv.gz',
      Buffer.concat([gzipSync('id\nl1\n').subarray(0, 12), Buffer.from('garbage')]),
    ],
  ])('is refused for %s', async (_, fileKey, content) => {
    await expect(rowsOf(fileKey, content, small)).rejects.toThrow(ExportFileError);
  });

  it('is refused if it unpacks to far more than its size', async () => {
    const bomb = gzipSync(`id\n${`${'x'.repeat(4_000)}\n`.repeat(20_000)}`);
    expect(bomb.byteLength).toBeLessThan(400_000);
    const read = async () => {
      for await (const _ of exportRows('e.csv.gz', pieces(bomb), leads.columns));
    };
    await expect(read()).rejects.toThrow('more than 200 times its size');
  });

  it('keeps a row with too many cells as text, to be rejected', async () => {
    expect(await rowsOf('e.csv', 'id,email\n1,2,3,4,5,6\nl1,a\n', small)).toEqual([
      '1,2,3,4,5,6',
      { id: 'l1', email: 'a' },
    ]);
  });

  it('reveals none of its content', async () => {
    const error = await rowsOf('e.csv', 'id,email\nl1,"ada@example.com\n').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ExportFileError);
    expect(String(error)).not.toContain('ada@');
  });

  it('is distinguished from a broken connection, after which it is read again', async () => {
    const broken = (async function* () {
      yield gzipSync('id\nl1\n').subarray(0, 15);
      throw new TypeError('terminated');
    })();
    const read = async () => {
      for await (const _ of exportRows('e.csv.gz', broken, leads.columns));
    };
    await expect(read()).rejects.toThrow('terminated');
  });
});

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 16_384) yield bytes.subarray(at, at + 16_384);
}
