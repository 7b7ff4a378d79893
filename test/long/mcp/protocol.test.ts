/** The MCP server as a process, over the lake of a run: with the SDK's client, and with JSON-RPC written by hand. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { currentTableOf } from '../../../lambdas/contract/stream.ts';
import { ownTables, streams } from '../../../lambdas/streams/registry.ts';
import { writeFolderSource } from '../../../local/run/folder-source.ts';
import { openLake } from '../../../local/run/lake.ts';
import { runStart } from '../../support/start-process.ts';

const program = resolve(import.meta.dirname, '../../../bin/prospect-lake.js');
const client = new Client({ name: 'a test', version: '1' });
/** All tables but one. */
const read = streams.map(({ name }) => name).filter((name) => name !== 'support_tickets');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-lake-'));
  const { code, stderr } = await runStart(['--leads', '20', '--out', 'lake', '--streams', read.join()], {
    cwd: folder,
  });
  if (code !== 0) throw new Error(stderr);
  await writeFolderSource(join(folder, 'lake'), {
    kind: 'simulator',
    workspace: null,
    configured: 'main',
    customColumns: { leads: { lead_score: { type: 'integer', personal: false }, linkedin: { type: 'string' } } },
  });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [program, 'mcp', '--out', 'lake'],
      cwd: folder,
      stderr: 'pipe',
    }),
  );
}, 120_000);
afterAll(async () => {
  await client.close();
  await rm(folder, { recursive: true, force: true });
});

const result = z.object({
  isError: z.boolean().optional(),
  content: z.array(z.object({ type: z.literal('text'), text: z.string() })).length(1),
  structuredContent: z.looseObject({}).optional(),
});

async function call(name: string, args: Record<string, unknown> = {}) {
  const { isError, content, structuredContent } = result.parse(await client.callTool({ name, arguments: args }));
  return { isError: isError ?? false, text: content[0]?.text ?? '', value: structuredContent };
}

const ask = async (sql: string) =>
  z.object({ rows: z.array(z.array(z.unknown())) }).parse((await call('query', { sql })).value).rows;

describe('a client of the protocol', () => {
  it('is offered tools that only read', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['list_tables', 'describe_table', 'query', 'status', 'trace']);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);
    expect(client.getInstructions()).toContain('Personal data is masked');
  });

  it('is told every table, its columns and how it joins', async () => {
    const { value } = await call('list_tables', { kind: 'current' });
    expect(value).toMatchObject({ tables: { length: streams.length } });
    expect(value?.['tables']).toContainEqual(expect.objectContaining({ name: 'leads', rows: 20 }));
    const described = await call('describe_table', { table: 'lead_messages' });
    expect(described.value).toMatchObject({
      key: ['lead_id', 'id'],
      joins: [{ column: 'lead_id', table: 'leads', on: 'id' }],
    });
    expect(described.value?.['columns']).toContainEqual(
      expect.objectContaining({ name: 'body', masked: true, personal: 'body' }),
    );
    expect(await call('describe_table', { table: 'nonsense' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('list_tables'),
    });
    expect((await call('describe_table', { table: 'lead_mesages' })).text).toBe(
      "There is no table 'lead_mesages': did you mean lead_messages?",
    );
  });

  it('is told the columns that the configuration of the last start added, and can ask them', async () => {
    for (const table of ['leads', 'leads_history']) {
      const { value } = await call('describe_table', { table });
      expect(value?.['columns']).toContainEqual(expect.objectContaining({ name: 'lead_score', type: 'integer' }));
      expect(value?.['columns']).toContainEqual(
        expect.objectContaining({ name: 'linkedin', personal: 'not declared', masked: true }),
      );
      expect(await ask(`SELECT count(lead_score) FROM ${table}`)).toEqual([['0']]);
    }
  });

  it('is told that a table without rows was not read, as a person is', async () => {
    const note = expect.stringMatching(
      /^No run has read support_tickets, so it is empty here, whatever the API has\. /,
    );
    const { value } = await call('list_tables');
    expect(value?.['tables']).toContainEqual(expect.objectContaining({ name: 'support_tickets', rows: 0, note }));
    expect(value?.['tables']).toContainEqual(expect.objectContaining({ name: 'support_tickets_history', note }));
    expect(value?.['tables']).toContainEqual(expect.not.objectContaining({ note }));
    const asked = await call('query', { sql: 'SELECT * FROM support_tickets' });
    expect(asked.value).toMatchObject({ rows: [], note });
    expect((await call('query', { sql: 'SELECT 1 FROM leads' })).value).not.toHaveProperty('note');
  });

  it('joins tables as they are described', async () => {
    const rows = await ask('SELECT count(*), count(l.id) FROM lead_messages m LEFT JOIN leads l ON l.id = m.lead_id');
    expect(rows[0]?.[0]).toBe(rows[0]?.[1]);
    expect(Number(rows[0]?.[0])).toBeGreaterThan(0);
  });

  it('sees what a question may not do, and can go on', async () => {
    expect(await call('query', { sql: 'DROP TABLE leads' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('Only a SELECT'),
    });
    expect(await call('query', { sql: '' })).toMatchObject({ isError: true });
    expect(await ask('SELECT count(*) FROM leads')).toEqual([['20']]);
  });

  it('gets the answers of several questions at once', async () => {
    const names = streams.slice(0, 8).map(({ name }) => name);
    const counts = await Promise.all(names.map((name) => ask(`SELECT '${name}', count(*) FROM ${name}`)));
    expect(counts.map((rows) => rows[0]?.[0])).toEqual(names);
  });

  it('learns how the runs ended, and where a row came from', async () => {
    const status = await call('status');
    expect(status.value).toMatchObject({
      runs: [{ kind: 'nightly', status: 'complete', problems: [] }],
      underWay: [],
      unreadable: [],
    });
    const [[id] = []] = await ask('SELECT id FROM leads LIMIT 1');
    const traced = await call('trace', { table: 'leads', id });
    expect(traced.value).toMatchObject({
      found: [{ current: true, runStatus: 'complete', chunk: expect.stringMatching(/^raw\/leads\//) }],
    });
    expect(await call('trace', { table: 'leads' })).toMatchObject({ isError: true });
  });

  it('never gets a value of a person, whichever table it reads', async () => {
    const lake = await openLake(join(folder, 'lake'));
    const values = new Set<string>();
    const tables = [...streams.map(currentTableOf), ...ownTables];
    for (const { name, columns } of tables) {
      const personal = Object.entries(columns)
        .filter(([, column]) => column.personal !== undefined)
        .map(([column]) => `"${column}"`);
      if (personal.length === 0) continue;
      const rows = (await lake.runAndReadAll(`SELECT ${personal.join(', ')} FROM "${name}"`)).getRowsJson();
      // A short value, such as "Re:", also stands where no person is meant.
      for (const value of rows.flat()) if (typeof value === 'string' && value.length >= 12) values.add(value);
    }
    lake.closeSync();
    expect(values.size).toBeGreaterThan(200);
    const texts = [(await call('status')).text, (await call('list_tables')).text];
    for (const { name } of tables) texts.push((await call('query', { sql: `SELECT * FROM "${name}"` })).text);
    const all = texts.join('\n');
    // No e-mail address appears anywhere, whatever columns the registry declares as personal.
    expect(all).not.toContain('@');
    expect(
      [...values].filter((value) => all.includes(value) || all.includes(JSON.stringify(value).slice(1, -1))),
    ).toEqual([]);
  });
});

/** A server that was greeted without the SDK. `lines` has what it answers. */
async function byHand() {
  const child = spawn(process.execPath, [program, 'mcp', '--out', 'lake'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: unknown[] = [];
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line)));
  const send = (message: object) => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  send({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'hand', version: '0' } },
  });
  await once(reader, 'line');
  send({ method: 'notifications/initialized' });
  return { child, lines, reader, send };
}

it('answers JSON-RPC that was written by hand, writes nothing else, and ends with its input', async () => {
  const { child, lines, reader, send } = await byHand();
  send({
    id: 2,
    method: 'tools/call',
    params: { name: 'query', arguments: { sql: 'SELECT count(*) AS n, max(email) AS e FROM leads' } },
  });
  await once(reader, 'line');
  send({ id: 3, method: 'tools/call', params: { name: 'no_such_tool', arguments: {} } });
  await once(reader, 'line');
  child.stdin.end();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(lines).toMatchObject([
    { id: 1, result: { serverInfo: { name: 'prospect-lake' }, capabilities: { tools: {} } } },
    { id: 2, result: { structuredContent: { columns: ['n', 'e'], rows: [['20', '[masked]']], cutBy: null } } },
    { id: 3 },
  ]);
});

it('says nothing of a question that is under way when its input ends', async () => {
  const { child, send } = await byHand();
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  for (const { name } of streams.slice(0, 10))
    send({ id: name, method: 'tools/call', params: { name: 'query', arguments: { sql: `SELECT * FROM "${name}"` } } });
  child.stdin.end();
  const [code] = await once(child, 'exit');
  expect([code, said.join('')]).toEqual([
    0,
    'The MCP server is ready. It speaks JSON-RPC over standard input and output.\n',
  ]);
});

it('says in one line that there is no lake', async () => {
  const child = spawn(process.execPath, [program, 'mcp', '--out', 'nowhere'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const [said] = await once(child.stderr.setEncoding('utf8'), 'data');
  const [code] = await once(child, 'exit');
  expect([code, said]).toEqual([
    2,
    'There are no tables under nowhere. Run npx prospect-lake start first, or name its folder with --out.\n',
  ]);
});
