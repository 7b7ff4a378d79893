import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { exportRows } from '../../lambdas/core/export-file.ts';
import { leads } from '../../lambdas/streams/leads.ts';

async function rowsOf(fileKey: string, content: string | Uint8Array): Promise<unknown[]> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  // In small pieces, as a network would give it.
  const body = (async function* () {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  })();
  const rows: unknown[] = [];
  for await (const row of exportRows(fileKey, body, leads.columns)) rows.push(JSON.parse(row));
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
