import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { exportRows } from '../../../lambdas/core/exports/export-file.ts';
import { leads } from '../../../lambdas/streams/leads.ts';

async function rowsOf(fileKey: string, content: string | Uint8Array): Promise<unknown[]> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  // Sent in small pieces, as a network delivers it.
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

  it('may lack columns, have undeclared columns, and have short or long rows', async () => {
    const csv = 'id,score\nl1,7\nl2\nl3,8,surplus\n';
    expect(await rowsOf('export.csv', csv)).toEqual([
      { id: 'l1', score: '7' },
      { id: 'l2' },
      { id: 'l3', score: '8', column_3: 'surplus' },
    ]);
  });

  it('types the declared columns, and keeps values that do not fit as text', async () => {
    const csv = 'id,is_qualified,tags,email\nl1,true,"a; b",\nl2,maybe,"[""x"",""y""]",a@example.com\n';
    expect(await rowsOf('export.csv', csv)).toEqual([
      { id: 'l1', is_qualified: true, tags: ['a', 'b'], email: null },
      { id: 'l2', is_qualified: 'maybe', tags: ['x', 'y'], email: 'a@example.com' },
    ]);
  });

  it('may have no rows, but still says which column is the id', async () => {
    expect(await rowsOf('export.csv', 'id,email\n')).toEqual([]);
    await expect(rowsOf('export.csv', 'name,email\n')).rejects.toThrow('called id');
  });

  it('may be gzipped, whatever its name', async () => {
    expect(await rowsOf('export', gzipSync('id\nl1\n'))).toEqual([{ id: 'l1' }]);
  });

  it('may begin with empty lines', async () => {
    expect(await rowsOf('export', `${'\n'.repeat(100)}id\nl1\n`)).toEqual([{ id: 'l1' }]);
  });

  it('may be empty', async () => {
    expect(await rowsOf('export.csv', '')).toEqual([]);
  });
});

const jose = 'id,full_name,email\nl1,José,a@example.com\nl2,日本,b@example.com\n';
const both = [
  { id: 'l1', full_name: 'José', email: 'a@example.com' },
  { id: 'l2', full_name: '日本', email: 'b@example.com' },
];

describe('the charset of a CSV export', () => {
  it.each([
    ['UTF-8', Buffer.from(jose)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${jose}`)],
    ['UTF-16, little end first', Buffer.from(`\uFEFF${jose}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\uFEFF${jose}`, 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from(jose, 'utf16le')],
    ['UTF-16 without a mark, big end first', Buffer.from(jose, 'utf16le').swap16()],
    ['UTF-16 under gzip', gzipSync(Buffer.from(`\uFEFF${jose}`, 'utf16le'))],
  ])('may be %s', async (_, bytes) => {
    expect(await rowsOf('export.csv', bytes)).toEqual(both);
  });

  it('may be windows-1252 or mixed: what is not UTF-8 is read as windows-1252, and kept as bytes', async () => {
    const jos = Buffer.from([0x4a, 0x6f, 0x73, 0xe9]);
    const bytes = Buffer.concat([Buffer.from('id,full_name,title\nl1,'), jos, Buffer.from(',日本\n')]);
    expect(await rowsOf('export.csv', bytes)).toEqual([
      { id: 'l1', full_name: 'José', title: '日本', _bytes: { full_name: jos.toString('base64') } },
    ]);
  });

  it('that begins like UTF-16 but is not is an error', async () => {
    const broken = Buffer.concat([Buffer.from(`\uFEFF${jose}`, 'utf16le'), Buffer.from([0x00, 0xd8, 0x20, 0x00])]);
    await expect(rowsOf('export.csv', broken)).rejects.toThrow('begins as UTF-16');
  });
});

describe('the header of a CSV export', () => {
  const firstRow = async (csv: string) => (await rowsOf('e.csv', csv))[0];

  it.each([
    ['ID,Full Name,Email\nl1,a,b', { id: 'l1', full_name: 'a', email: 'b' }],
    ['Id;full-name;E-Mail\nl1;a;b', { id: 'l1', full_name: 'a', email: 'b' }],
    [' Lead ID |FULL_NAME|email\nl1|a|b', { id: 'l1', full_name: 'a', email: 'b' }],
    ['"id"\t"full, name"\t"email"\nl1\ta\tb', { id: 'l1', full_name: 'a', email: 'b' }],
    ['sep=;\nid;full_name;email\nl1;a;b', { id: 'l1', full_name: 'a', email: 'b' }],
    ['\uFEFFsep=,\r\nid,full_name,email\r\nl1,a,b', { id: 'l1', full_name: 'a', email: 'b' }],
    ['lead_id,id,email\nx,l1,b', { lead_id: 'x', id: 'l1', email: 'b' }],
    ['Score,Größe,id\n7,a,l1', { Score: '7', Größe: 'a', id: 'l1' }],
  ])('is recognized in any spelling: %j', async (csv, row) => {
    expect(await firstRow(csv)).toEqual(row);
  });

  it('may have two columns with the same name: neither hides the other', async () => {
    expect(await firstRow('id,email,email,E-Mail\nl1,work,home,')).toEqual({
      id: 'l1',
      email: 'work',
      email_2: 'home',
      'E-Mail': null,
    });
    expect(await firstRow('id,email,email_2,email,,column_7\nl1,a,b,c,d,e,f')).toEqual({
      id: 'l1',
      email: 'a',
      email_2: 'b',
      email_3: 'c',
      column_5: 'd',
      column_7: 'e',
      column_7_: 'f',
    });
  });

  it.each(['name,email\na,b\n', 'l1,Ada,ada@example.com\n', '[{"id":"l1"},\n{"id":"l2"}]\n'])(
    'without an id is an error that says so, and quotes nothing: %j',
    async (csv) => {
      const error = await rowsOf('e.csv', csv).catch((thrown: unknown) => thrown);
      const message: unknown = expect.stringMatching(/None of the \d columns .* called id/);
      expect(error).toMatchObject({ code: 'export_file', message });
      expect(String(error)).not.toMatch(/ada@|l1/);
    },
  );
});

describe('a row of a CSV export', () => {
  it('may contain quotes that are not escaped', async () => {
    expect(await rowsOf('e.csv', 'id,title\nl1,5" pipe\nl2,"a ""b"""\n')).toEqual([
      { id: 'l1', title: '5" pipe' },
      { id: 'l2', title: 'a "b"' },
    ]);
  });

  it('may have any system’s line ending', async () => {
    for (const end of ['\n', '\r\n', '\r'])
      expect(await rowsOf('e.csv', `id,title${end}l1,a${end}l2,b${end}`)).toHaveLength(2);
  });

  it('may have tags with commas if another separator is used', async () => {
    expect(await rowsOf('e.csv', 'id,tags\nl1,"comma, inc;b"\nl2,"a,b"\nl3,"a | b, c"\n')).toEqual([
      { id: 'l1', tags: ['comma, inc', 'b'] },
      { id: 'l2', tags: ['a', 'b'] },
      { id: 'l3', tags: ['a', 'b, c'] },
    ]);
  });

  it('that is a remark below the rows is rejected', async () => {
    expect(await rowsOf('e.csv', 'id,email,title\nl1,a,b\n\nTotal: 1 row\n')).toEqual([
      { id: 'l1', email: 'a', title: 'b' },
      'Total: 1 row',
    ]);
  });
});

describe('an NDJSON export', () => {
  it('is recognized by its name or its first character', async () => {
    expect(await rowsOf('export.ndjson.gz', gzipSync('{"id":"l1"}\n\n{"id":"l2"}'))).toEqual([
      { id: 'l1' },
      { id: 'l2' },
    ]);
    expect(await rowsOf('export', '{"id":"l1"}\n')).toEqual([{ id: 'l1' }]);
  });

  it('keeps bytes that are not UTF-8 beside their windows-1252 text', async () => {
    const line = Buffer.from('{"id":"l1","title":"José"}', 'latin1');
    expect(await rowsOf('e.ndjson', line)).toEqual([{ _bytes: line.toString('base64'), id: 'l1', title: 'José' }]);
  });

  it.each(['{"name":"Ada"}\n{"name":"Zoë"}\n', '{"uuid":"l1"}', 'Total: 40 rows\n'])(
    'fails if no row has an id, and names no value: %s',
    async (text) => {
      await expect(rowsOf('e.ndjson', text)).rejects.toThrow(/^None of the \d rows of the export file has an id/);
    },
  );

  it('keeps a line that is not JSON, for the row parser to reject', async () => {
    expect(await rowsOf('export.jsonl', '{"id":"l1"}\n{"id":\n')).toEqual([{ id: 'l1' }, '{"id":']);
  });
});
