/** Whatever is asked, no value of a person leaves the masked copy, and nothing but the copy can be reached. */

import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableOf } from '../../lambdas/contract/stream.ts';
import { leads } from '../../lambdas/streams/leads.ts';
import { ask, type Limits } from '../../mcp/ask.ts';
import { exposedTables } from '../../mcp/exposed-tables.ts';
import { folderSource } from '../../mcp/lake-source.ts';
import { mask, MaskedCopy } from '../../mcp/masked-copy.ts';

const limits: Limits = { rows: 50, bytes: 100_000, seconds: 20 };
const secret = 'SECRET-of-a-person';
let folder: string;
let file: string;
let copy: MaskedCopy;
let open: MaskedCopy;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-'));
  await mkdir(join(folder, 'lake/leads/dt=2026-01-31'), { recursive: true });
  file = join(folder, 'lake/leads/dt=2026-01-31/a.parquet');
  const texts = new Set(
    Object.entries(tableOf(leads).columns)
      .filter(([name, { personal }]) => personal !== undefined || name === '_digest')
      .map(([name]) => name),
  );
  // Every personal column, one that the configuration declares as personal, one that it adds without saying so, a second one for a field that is not personal, and one that nothing declares, holds the secret in the first row and null in the second.
  const values = [...texts, 'tax_id', 'linkedin', 'created_at_string', 'nickname'].map(
    (name) => `CASE WHEN n = 0 THEN '${secret}' END AS "${name}"`,
  );
  await sql(
    `COPY (SELECT 'l' || n AS id, 'Bern' AS location, 70 + n AS lead_score, ${values.join(', ')} FROM range(2) AS r(n)) TO '${file}'`,
  );
  const source = folderSource(folder, { root: 's3://lake/' });
  const tables = exposedTables({
    leads: {
      lead_score: { type: 'integer', personal: false },
      tax_id: { type: 'string', personal: 'name' },
      linkedin: { type: 'string' },
      created_at_string: { type: 'string', field: 'created_at' },
    },
  });
  copy = await MaskedCopy.create(source, tables, true);
  open = await MaskedCopy.create(source, tables, false);
});
afterAll(async () => {
  await Promise.all([copy.remove(), open.remove(), rm(folder, { recursive: true, force: true })]);
});

async function sql(text: string): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(text);
  connection.closeSync();
}

/** The answer, or the words with which the question is refused. */
async function told(question: string, of = copy): Promise<string> {
  await of.refresh(question);
  try {
    return JSON.stringify(await ask(of.path, question, limits));
  } catch (error) {
    return `refused: ${error instanceof Error ? error.message : ''}`;
  }
}

describe('a person', () => {
  it.each([
    'SELECT * FROM leads_history',
    'SELECT email AS location, full_name || phone AS id FROM leads_history',
    'SELECT CAST(email AS BLOB), upper(email), reverse(email), md5(email), ascii(email), list(email) FROM leads_history GROUP BY ALL',
    'SELECT leads_history FROM leads_history',
    'SELECT to_json(l) FROM leads_history l',
    "SELECT struct_pack(e := email), {'e': email}, [email], MAP {'e': email} FROM leads_history",
    'SELECT COLUMNS(*)::VARCHAR FROM leads_history',
    "WITH l AS (SELECT * FROM leads_history) SELECT max(email), string_agg(_extra, ',') FROM l",
    'SELECT a._extra, b.email FROM leads_history a JOIN leads_history b ON a.email = b.email',
    'SELECT _extra, _digest FROM leads_history WHERE email IS NOT NULL',
    'SELECT * FROM (UNPIVOT leads_history ON full_name, email, phone)',
    'SUMMARIZE leads_history',
    "SELECT * FROM query('SELECT * FROM leads_history')",
    "SELECT * FROM query_table('leads_history')",
    "SELECT * FROM pragma_storage_info('leads_history')",
    "SELECT stats('email') , * FROM leads_history",
    'SELECT nickname FROM leads_history',
    'SELECT tax_id FROM leads_history',
    'SELECT 1/0, error(email) FROM leads_history',
    'SELECT email::INTEGER FROM leads_history',
  ])('is not in the answer to %s', async (question) => {
    expect(await told(question)).not.toMatch(/secret-of/i);
    expect(await told(question)).not.toContain(Buffer.from(secret).toString('hex'));
  });

  it.each([
    (path: string) => `SELECT * FROM read_parquet('${path}')`,
    (path: string) => `SELECT * FROM '${path}'`,
    (path: string) => `SELECT * FROM parquet_metadata('${path}')`,
    (path: string) => `SELECT content FROM read_blob('${path}')`,
    (path: string) => `SELECT * FROM query('SELECT * FROM read_parquet(''${path}'')')`,
    (path: string) => `ATTACH '${path}' AS other`,
    () => `SELECT * FROM glob('/tmp/**')`,
    () => `SELECT * FROM read_text('/etc/hostname')`,
    () => `SELECT * FROM read_csv('http://127.0.0.1:9/a.csv')`,
    () => 'SET enable_external_access = true',
    () => 'RESET lock_configuration',
    () => 'INSTALL httpfs',
    () => 'CREATE TEMP TABLE t AS SELECT 1',
    () => 'DELETE FROM leads_history',
    () => 'SELECT 1; SELECT 2',
    () => 'PRAGMA enable_profiling',
    () => "COPY leads_history TO '/tmp/out-of-mcp.csv'",
    () => "EXPORT DATABASE '/tmp/out-of-mcp'",
    () => 'EXPLAIN ANALYZE SELECT * FROM leads_history',
    () => 'CHECKPOINT',
  ])('cannot be reached around the copy (%#)', async (question) => {
    expect(await told(question(file))).toMatch(/^refused: /);
    expect(await readdir('/tmp')).not.toContain('out-of-mcp');
  });

  it('is masked, and a null stays a null', async () => {
    expect(await told('SELECT id, email FROM leads_history ORDER BY id')).toContain(`[["l0","${mask}"],["l1",null]]`);
  });

  it('is shown if the person who started the server said so', async () => {
    expect(await told('SELECT email FROM leads_history ORDER BY id', open)).toContain(secret);
  });
});

describe('a column of the configuration', () => {
  it('is in the answer, and is masked if it is declared as personal', async () => {
    expect(await told('SELECT lead_score, tax_id FROM leads_history ORDER BY id')).toContain(
      `[["70","${mask}"],["71",null]]`,
    );
  });
});

describe('an answer', () => {
  it('has at most so many rows and bytes, and says which of them ended it', async () => {
    expect(JSON.parse(await told('SELECT range AS n FROM range(1000)'))).toMatchObject({
      rows: { length: 50 },
      cutBy: 'rows',
    });
    expect(JSON.parse(await told("SELECT repeat('x', 40000) FROM range(9)"))).toMatchObject({
      rows: { length: 2 },
      cutBy: 'bytes',
    });
    expect(JSON.parse(await told('SELECT range AS n FROM range(50)'))).toMatchObject({ cutBy: null });
  });

  it('takes at most so many seconds', async () => {
    const endless = 'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 11';
    await expect(ask(copy.path, endless, { ...limits, seconds: 0.2 })).rejects.toThrow(
      'It took longer than 0.2 seconds.',
    );
  });

  it('holds what the files hold now', async () => {
    expect(await told('SELECT count(*) FROM leads_history')).toContain('[["2"]]');
    const second = join(folder, 'lake/leads/dt=2026-01-31/b.parquet');
    await sql(`COPY (SELECT 'l9' AS id) TO '${second}'`);
    expect(await told('SELECT count(*), max(dt) FROM LEADS_HISTORY')).toContain('[["3","2026-01-31"]]');
    await rm(second);
  });

  it.each([
    'SHOW TABLES',
    'show all tables;',
    'DESCRIBE',
    'FROM (SHOW TABLES)',
    'SELECT count(*) FROM information_schema.tables',
    'SELECT * FROM duckdb_tables()',
    'PRAGMA show_tables',
  ])('to %s is list_tables: a table is copied only when a question names it', async (question) => {
    expect(await told(question)).toMatch(/^refused: .* list_tables and describe_table know every table\.$/);
  });

  it('is given to a question that only mentions the catalogue in a text', async () => {
    expect(await told("SELECT 'show tables' AS x, 'information_schema'")).toContain('show tables');
    expect(await told('DESCRIBE leads_history')).toContain('lead_score');
  });

  it('names the tables if there is none of that name', async () => {
    expect(await told('SELECT * FROM nothing')).toMatch(
      /^refused: There is no table 'nothing': the tables are leads, /,
    );
    expect(await told('SELECT * FROM campaign')).toBe("refused: There is no table 'campaign': did you mean campaigns?");
    expect(await told('SELECT * FROM sequences')).not.toContain('pg_');
  });
});
