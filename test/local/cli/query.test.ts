import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAsTable } from '../../../local/cli/query-answer.ts';
import { endOf, runHere, runQuery } from '../../support/start-process.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'query-'));
  await mkdir(join(folder, 'lake'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ask = (sql: string, ...more: string[]) => runQuery([sql, '--out', '.', ...more], { cwd: folder });

describe('npx prospect-lake query json', () => {
  it('gives every row, however many there are', async () => {
    const { code, stdout } = await ask('SELECT range AS n FROM range(5000)', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(Array.from({ length: 5_000 }, (_, n) => ({ n })));
    expect((await ask('SELECT 1 WHERE false', '--json')).stdout).toBe('[]\n');
  });

  it('gives numbers as numbers, digit for digit, also in lists and structures', async () => {
    const sql = "SELECT 9007199254740993 AS big, 1.50 AS price, [1::BIGINT] AS list, {'x': 18446744073709551615} AS s";
    expect((await ask(sql, '--json')).stdout).toBe(
      '[{"big":9007199254740993,"price":1.50,"list":[1],"s":{"x":18446744073709551615}}]\n',
    );
  });

  it('loses no column if two have one name', async () => {
    expect(JSON.parse((await ask('SELECT 1 AS id, 2 AS id', '--json')).stdout)).toEqual([{ id: 1, 'id:1': 2 }]);
  });
});

describe('npx prospect-lake query --named', () => {
  const named = (name: string) => runQuery(['--named', name, '--out', '.', '--csv'], { cwd: folder });

  it('asks a query of your own, and lists yours and ours if there is none of the name', async () => {
    expect(await named('nope')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^There is no query 'nope'; ours are lead_funnel, .*\. The configuration names no folder of your own with queries\.\n$/,
      ),
    });
    await mkdir(join(folder, 'queries'));
    await writeFile(join(folder, 'queries', 'the_answer.sql'), '-- What everybody asks.\nSELECT 42 AS answer;\n');
    const config = join(folder, 'prospect-lake.config.ts');
    await writeFile(config, "export const workspaces = [{ name: 'main', queries: 'queries' }];");
    expect(await named('the_answer')).toEqual({ code: 0, stdout: 'answer\n42\n', stderr: '' });
    expect(await named('nope')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/ ours are lead_funnel, .*\. Yours are the_answer\.\n$/),
    });
    for (const [misspelled, meant] of [
      ['lead_funel', 'lead_funnel'],
      ['the_anwser', 'the_answer'],
    ] as const)
      expect(await named(misspelled)).toMatchObject({
        code: 2,
        stderr: `There is no query '${misspelled}'; did you mean ${meant}?\n`,
      });
    await writeFile(join(folder, 'queries', 'lead_funnel.sql'), 'SELECT 1;\n');
    expect(await named('lead_funnel')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("there is a query 'lead_funnel' already; rename the file"),
    });
    await rm(config);
  });

  it('lists the queries if it is given no name', async () => {
    for (const args of [['--named', '--out', '.'], ['--named']])
      expect(await runQuery(args, { cwd: folder })).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^--named wants <query>: one of lead_funnel, /),
      });
  });
});

describe('npx prospect-lake query', () => {
  it('refuses a second statement rather than answering only one', async () => {
    const { code, stderr } = await ask('SELECT 1; SELECT 2');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^This is 2 statements\. Ask them one by one\. .*\n$/)]);
    expect((await ask('SELECT 1;')).code).toBe(0);
  });

  it.each([
    ["COPY (SELECT 1) TO 'copy.csv'", 'query reads only the tables.'],
    ["COPY (SELECT 1) TO 'lake/copy.csv'", 'Only a SELECT is answered, and this is COPY.'],
    ['CREATE TABLE t AS SELECT 1', 'Only a SELECT is answered, and this is CREATE.'],
    ["ATTACH 'other.duckdb'", 'Only a SELECT is answered, and this is ATTACH.'],
    ['DELETE FROM leads', 'Only a SELECT is answered, and this is DELETE.'],
    ['/* all */ UPDATE leads SET id = 1', 'Only a SELECT is answered, and this is UPDATE.'],
    ['INSERT INTO leads SELECT * FROM leads', 'Only a SELECT is answered, and this is INSERT.'],
    ['INSTALL httpfs', 'Only a SELECT is answered, and this is LOAD.'],
    ['SET enable_external_access = true', 'Only a SELECT is answered, and this is SET.'],
    ["SELECT * FROM read_text('package.json')", 'query reads only the tables.'],
    ["SELECT * FROM glob('/*')", 'query reads only the tables.'],
  ])('refuses %s: it reads the tables, and nothing else', async (sql, said) => {
    await writeFile(join(folder, 'package.json'), '{}');
    const { code, stdout, stderr } = await ask(sql);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `${said} For anything else, write views of the tables to a file, and open it in DuckDB: npx prospect-lake query --database lake.duckdb\n`,
    });
    expect(existsSync(join(folder, 'copy.csv')) || existsSync(join(folder, 'lake', 'copy.csv'))).toBe(false);
  });

  it.each(['DESCRIBE leads', 'SHOW TABLES', 'SUMMARIZE SELECT 1', 'FROM leads', 'VALUES (1)'])(
    'answers %s',
    async (sql) => {
      expect((await ask(sql)).code).toBe(0);
    },
  );

  it('says how many rows it does not show', async () => {
    const { stdout } = await ask('SELECT range AS n FROM range(1200)');
    expect(stdout.split('\n').at(-2)).toBe('The first 1,000 of 1,200 rows; --all, --csv or --json gives all.');
    expect((await ask('SELECT range AS n FROM range(1200)', '--all')).stdout.split('\n')).toHaveLength(1_203);
  });

  it('says that there are no rows, but not to a program', async () => {
    const sql = 'SELECT 1 AS one WHERE false';
    expect((await ask(sql)).stdout).toBe('one\n───\n(0 rows)\n');
    expect((await ask(sql, '--csv')).stdout).toBe('one\n');
    expect((await ask(sql, '--json')).stdout).toBe('[]\n');
  });

  it('shows the functions that DuckDB names in an error indented, without escapes', async () => {
    const { stderr } = await ask('SELECT lower(1, 2)');
    expect(stderr).toContain('\n  Candidate functions:\n  lower(VARCHAR) -> VARCHAR\n');
  });

  it('shows numbers as they are, aligned right, whatever their type', async () => {
    const sql = "SELECT 20260101 AS day, 0.00012 AS rate, 1.50 AS price, 9007199254740993 AS big, 'x' AS name";
    expect((await ask(sql)).stdout).toBe(`     day     rate  price               big  name
────────  ───────  ─────  ────────────────  ────
20260101  0.00012   1.50  9007199254740993  x
`);
  });

  it('takes SQL from standard input, and wants some', async () => {
    const script = fileURLToPath(new URL('../../../bin/prospect-lake.js', import.meta.url));
    const askByInput = (sql: string, ...form: string[]) => {
      const child = spawn(process.execPath, [script, 'query', '--out', folder, ...form]);
      child.stdin.end(sql);
      return endOf(child);
    };
    expect(await askByInput('SELECT 1 AS one', '--csv')).toEqual({ code: 0, stdout: 'one\n1\n', stderr: '' });
    const several = "SELECT ';' AS one; -- the first; of two\nSELECT 2 AS two;\n-- the end";
    expect(await askByInput(several)).toEqual({
      code: 0,
      stdout: 'one\n───\n;\n(1 row)\n\ntwo\n───\n  2\n(1 row)\n',
      stderr: '',
    });
    expect(await askByInput(several, '--json')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^This is 2 statements\. Ask them one by one\./),
    });
    expect(await askByInput('SELECT 1; DELETE FROM leads')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/this is DELETE\./),
    });
    expect(await askByInput('.tables\nSELECT 1;')).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^\.tables is not SQL\..* SHOW TABLES; .*\n$/),
    });
    expect(await askByInput('')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'query wants SQL in quotes or on standard input, or --named. On a terminal, query alone opens a prompt.\n',
    });
  });

  it('tells a null from an empty text', async () => {
    const { stdout } = await ask("SELECT NULL AS nothing, '' AS empty, 1 AS one");
    expect(stdout.split('\n')[2]).toMatch(/^ *NULL +1$/);
  });

  it('says on the prompt how many rows an answer has', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const told = async (rows: number) =>
      runHere({}, async () => {
        await writeAsTable(await connection.run(`SELECT range AS n FROM range(${rows})`), false, true);
        return 0;
      });
    expect((await told(1)).stdout).toMatch(/\n\(1 row\)\n$/);
    expect((await told(2)).stdout).toMatch(/\n\(2 rows\)\n$/);
    expect((await told(1_001)).stdout).toMatch(/\nThe first 1,000 of 1,001 rows;.*\n$/);
    connection.closeSync();
  });

  it.each(['--json', '--all'])('gives nothing that a terminal acts on (%s)', async (flag) => {
    const codes = [0, 0x1b, 0x9b, 0x7f, 0x202e].map((code) => `chr(${code})`).join(' || ');
    const { stdout } = await ask(`SELECT ${codes} || 'Zoë 🚀' AS "a\u001bb"`, flag);
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
    expect(stdout).toContain('\\u0000\\u001b\\u009b\\u007f\\u202eZoë 🚀');
    const failed = await ask(`SELECT CAST(${codes} AS INTEGER)`, flag);
    expect(failed.stderr).toContain('DuckDB says: Conversion Error');
    expect(failed.stderr + failed.stdout).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  });
});

it('npx prospect-lake query csv gives every row, and tells null from an empty text', async () => {
  const sql = `SELECT * FROM (VALUES (1, 'a,"b"', 1.50), (2, '', NULL), (3, NULL, 2.25), (4, 'Zürich\n', 0)) t(id, text, price)`;
  expect((await ask(sql, '--csv')).stdout).toBe('id,text,price\n1,"a,""b""",1.50\n2,"",\n3,,2.25\n4,"Zürich\n",0.00\n');
  expect((await ask('SELECT range AS n FROM range(5000)', '--csv')).stdout.trimEnd().split('\n')).toHaveLength(5_001);
});

it('npx prospect-lake query database writes views that another program reads, and again after a run', async () => {
  const database = ['--out', '.', '--database', 'lake.duckdb'];
  for (const time of ['first', 'second']) {
    const { code, stdout } = await runQuery(database, { cwd: folder });
    expect({ code, stdout }, time).toEqual({
      code: 0,
      stdout:
        'lake.duckdb has a view of each table. The views read the files of now: write them again after the next run.\n',
    });
  }
  const instance = await DuckDBInstance.create(join(folder, 'lake.duckdb'));
  const connection = await instance.connect();
  const names = await connection.runAndReadAll('SELECT view_name FROM duckdb_views() WHERE NOT internal');
  expect(names.getRows().flat()).toEqual(expect.arrayContaining(['leads', 'leads_history', 'pipeline_runs']));
  connection.closeSync();
  instance.closeSync();
  expect((await ask('SELECT 1', '--database', 'other.duckdb')).stderr).toContain('it takes neither SQL nor');
  await writeFile(join(folder, 'text.txt'), 'no database');
  const refused = await runQuery(['--out', '.', '--database', 'text.txt'], { cwd: folder });
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/^DuckDB says: .*text\.txt/)]);
});

describe('npx prospect-lake query parquet', () => {
  it('writes a file that others read, and says how many rows it has', async () => {
    const { code, stdout } = await ask('SELECT range AS n FROM range(5000) -- all;\n', '--parquet', "it's.parquet");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "5,000 rows are written to it's.parquet.\n" });
    const connection = await (await DuckDBInstance.create()).connect();
    const read = await connection.runAndReadAll(
      `SELECT count(*)::INT, max(n)::INT FROM '${join(folder, "it''s.parquet")}'`,
    );
    expect(read.getRows()).toEqual([[5_000, 4_999]]);
    connection.closeSync();
  });

  it('overwrites a file, and leaves it as it was if the question has no answer', async () => {
    const count = async () => {
      const { stdout } = await ask('FROM range(2)', '--parquet', 'again.parquet');
      return stdout;
    };
    expect([await count(), await count()]).toEqual(Array(2).fill('2 rows are written to again.parquet.\n'));
    const before = await readFile(join(folder, 'again.parquet'));
    const { code, stderr } = await ask("SELECT error('no') FROM range(3)", '--parquet', 'again.parquet');
    expect([code, stderr]).toEqual([2, 'DuckDB says: Invalid Input Error: no\n']);
    expect(await readFile(join(folder, 'again.parquet'))).toEqual(before);
    expect((await readdir(folder)).filter((name) => name.includes('again'))).toEqual(['again.parquet']);
  });

  it('says in one line that it cannot write there', async () => {
    const { code, stderr } = await ask('SELECT 1', '--parquet', 'no/where.parquet');
    expect([code, stderr]).toEqual([2, 'The folder no of --parquet no/where.parquet does not exist.\n']);
  });
});
