import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ExportFileError } from '../../../lambdas/core/errors.ts';
import { exportRows, type FileBounds } from '../../../lambdas/core/exports/export-file.ts';
import { leads } from '../../../lambdas/streams/leads.ts';

async function rowsOf(fileKey: string, content: string | Uint8Array, bounds?: FileBounds): Promise<unknown[]> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  // In small pieces, as a network would give it.
  const body = (async function* () {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  })();
  const rows: unknown[] = [];
  for await (const row of exportRows(fileKey, body, leads.columns, bounds)) rows.push(JSON.parse(row));
  return rows;
}

describe('a CSV export', () => {
  it('may have quotes, line breaks in its fields, and a byte order mark', async () => {
    const csv = '\uFEFFid,full_name,company_name\r\nl1,"Ada ""The"" Countess","Line one\nline two, and more"\r\n';
    expect(await rowsOf('export.csv', csv)).toEqual([
      { id: 'l1', full_name: 'Ada "The" Countess', company_name: 'Line one\nline two, and more' },
    ]);
  });

  it('may lack columns, have columns that nobody declared, and rows that are short or long', async () => {
    const csv = 'id,score\nl1,7\nl2\nl3,8,surplus\n';
    expect(await rowsOf('export.csv', csv)).toEqual([
      { id: 'l1', score: '7' },
      { id: 'l2' },
      { id: 'l3', score: '8', column_3: 'surplus' },
    ]);
  });

  it('gives the declared columns their types, and keeps what does not read as text', async () => {
    const csv = 'id,is_qualified,tags,email\nl1,true,"a; b",\nl2,maybe,"[""x"",""y""]",a@example.com\n';
    expect(await rowsOf('export.csv', csv)).toEqual([
      { id: 'l1', is_qualified: true, tags: ['a', 'b'], email: null },
      { id: 'l2', is_qualified: 'maybe', tags: ['x', 'y'], email: 'a@example.com' },
    ]);
  });

  it('may be gzipped, whatever its name says', async () => {
    expect(await rowsOf('export', gzipSync('id\nl1\n'))).toEqual([{ id: 'l1' }]);
  });

  it('may begin with empty lines', async () => {
    expect(await rowsOf('export', `${'\n'.repeat(100)}id\nl1\n`)).toEqual([{ id: 'l1' }]);
  });

  it('may be empty', async () => {
    expect(await rowsOf('export.csv', '')).toEqual([]);
    expect(await rowsOf('export.csv', 'id,email\n')).toEqual([]);
  });
});

describe('an NDJSON export', () => {
  it('is told by its name or its first character', async () => {
    expect(await rowsOf('export.ndjson.gz', gzipSync('{"id":"l1"}\n\n{"id":"l2"}'))).toEqual([
      { id: 'l1' },
      { id: 'l2' },
    ]);
    expect(await rowsOf('export', '{"id":"l1"}\n')).toEqual([{ id: 'l1' }]);
  });

  it('keeps a line that is not JSON, for the row parser to set aside', async () => {
    expect(await rowsOf('export.jsonl', '{"id":"l1"}\n{"id":\n')).toEqual([{ id: 'l1' }, '{"id":']);
  });
});

describe('an export file that is damaged, or was made to harm', () => {
  const small: FileBounds = { recordBytes: 1_000, fileBytes: 100_000, cells: 5 };
  const long = 'x'.repeat(1_001);

  it.each([
    ['a CSV record over the bound', 'e.csv', `id,email\nl1,"${long}"\n`],
    ['a CSV quote that is never closed', 'e.csv', `id,email\nl1,"${'\n'.repeat(2_000)}`],
    ['a CSV header of more columns than the bound', 'e.csv', 'a,b,c,d,e,f\n1,2\n'],
    ['an NDJSON line over the bound', 'e.ndjson', `{"id":"l1"}\n{"id":"${long}"}\n`],
    ['an NDJSON line that never ends', 'e.ndjson', `{"id":"${'x'.repeat(50_000)}`],
    ['more bytes than the bound, unpacked', 'e.ndjson.gz', gzipSync('{"id":"l1"}\n'.repeat(20_000))],
    ['nothing but empty lines', 'e.csv.gz', gzipSync('\n'.repeat(200_000))],
    ['a gzip that is cut off', 'e.csv.gz', gzipSync('id\n'.repeat(1_000)).subarray(0, 40)],
    [
      'a gzip that is damaged',
      'e.csv.gz',
      Buffer.concat([gzipSync('id\nl1\n').subarray(0, 12), Buffer.from('garbage')]),
    ],
  ])('is refused for %s', async (_, fileKey, content) => {
    await expect(rowsOf(fileKey, content, small)).rejects.toThrow(ExportFileError);
  });

  it('is refused for what unpacks to far more than its size', async () => {
    const bomb = gzipSync(`id\n${`${'x'.repeat(4_000)}\n`.repeat(20_000)}`);
    expect(bomb.byteLength).toBeLessThan(400_000);
    const read = async () => {
      for await (const _ of exportRows('e.csv.gz', pieces(bomb), leads.columns));
    };
    await expect(read()).rejects.toThrow('more than 200 times its size');
  });

  it('keeps a row of too many cells as text, to be set aside', async () => {
    expect(await rowsOf('e.csv', 'id,email\n1,2,3,4,5,6\nl1,a\n', small)).toEqual([
      '1,2,3,4,5,6',
      { id: 'l1', email: 'a' },
    ]);
  });

  it('says nothing of what it holds', async () => {
    const error = await rowsOf('e.csv', 'id,email\nl1,"ada@example.com"x\n').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ExportFileError);
    expect(String(error)).not.toContain('ada@');
  });

  it('is told apart from a connection that breaks, after which it is read again', async () => {
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
