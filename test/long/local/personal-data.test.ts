/** Plants known values wherever personal data can occur, and traces them through the functions to every file. */

import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PersonalChoice } from '../../../lambdas/contract/personal-data.ts';
import { historyName, tableOf } from '../../../lambdas/contract/stream.ts';
import { runIdOf } from '../../../lambdas/core/runs/run-ids.ts';
import { namedQueries } from '../../../lambdas/streams/named-queries.ts';
import { ownTables, streams } from '../../../lambdas/streams/registry.ts';
import { prospectLakeApp } from '../../../lib/app.ts';
import { openLake } from '../../../local/run/lake.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { EventWorld } from '../../support/event-world.ts';
import { emptyDuckdb } from '../../support/lake-tables.ts';

const bucket = 'vendor-exports';
const address = ' Planted.Person@Example.com ';
/** Occurs in every planted text that a table may not contain. */
const mark = 'planted';
// Functions start as processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const marked = [
  ...streams.map((stream) => ({ name: historyName(stream), table: tableOf(stream) })),
  ...ownTables.map((table) => ({ name: table.name, table })),
].flatMap(({ name, table }) =>
  Object.entries(table.columns).flatMap(([column, { personal }]) =>
    personal && column !== '_extra' ? [{ name, column, kind: personal }] : [],
  ),
);

/** Plants marks in the first row of each table: in personal columns, in values that do not fit, and in other fields. */
function plant(simulator: Simulator): void {
  for (const { name, columns } of streams) {
    const [row] = simulator.expectedRows(name);
    if (typeof row?.['id'] !== 'string' || name.startsWith('settings_') || name === 'identity') continue;
    const personal = Object.entries(columns).filter(([, column]) => column.personal !== undefined);
    if (personal.length === 0) continue;
    const fields = Object.fromEntries(
      personal.map(([column, { type, personal: kind }]) => {
        if (kind === 'email') return [column, address];
        const text = `${mark} ${name}.${column}`;
        return [column, type === 'json' ? { note: text } : text];
      }),
    );
    simulator.update(name, row['id'], { ...fields, undeclared: `${mark} beside ${name}` });
  }
  simulator.create('support_tickets', { id: '', subject: `${mark} without a key` });
  simulator.createLead({ phone: { home: `${mark} that does not fit` }, email: [address], full_name: 7 });
  simulator.configure({ eventBody: (event, id) => ({ event, data: { id, email: `${mark}.event@example.com` } }) });
}

/** The vendor's file with an undeclared column, and a cell without a header. */
function exportFile(simulator: Simulator, exportId: string): string {
  const [header = '', ...rows] = [...simulator.exportFile(exportId)].map((line) => line.trimEnd());
  return [`${header},other`, ...rows.map((row) => `${row},${mark} beside it,${mark} behind it`)].join('\r\n');
}

interface Loaded {
  readonly world: EventWorld;
  /** All values of all Parquet files, as JSON. */
  readonly lake: string;
  readonly raw: string;
}

/** Loads a night, an event and an export of the workspace with this choice about personal data. */
async function load(simulator: Simulator, choice: PersonalChoice): Promise<Loaded> {
  const leadId = String([...simulator.expectedRows('leads')][0]?.['id']);
  // The hash key exists only in the templates of a workspace that hashes, so these templates are made for the test.
  const folder = mkdtempSync(join(tmpdir(), 'personal-data-'));
  const assembly = join(folder, 'assembly');
  prospectLakeApp([{ name: 'main', personalData: choice }], { outdir: assembly }).synth();
  const world = await EventWorld.start(simulator, {
    assembly,
    streams: streams.map(({ name }) => name),
    timeScale: 20,
    buckets: [bucket],
    environment: {
      PERSONAL_DATA: JSON.stringify(choice),
      EXPORT_SOURCE: JSON.stringify({ bucket, prefix: 'drop/' }),
      EXPORT_FIRST_POLL_SECONDS: '1',
    },
    hooks: {
      async beforeCall({ operation, resource }) {
        const Key = resource.slice(resource.indexOf('drop/'));
        const id = [...simulator.expectedRows('exports')]
          .map((row) => String(row['id']))
          .find((one) => Key.includes(one));
        if (operation === 'GetObject' && resource.includes(bucket) && id !== undefined) {
          const Body = exportFile(simulator, id);
          await world.cloud.clients().s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
        }
        return 'continue' as const;
      },
    },
  });
  expect((await world.load()).status).toBe('complete');
  const body = JSON.stringify({ event: 'lead.updated', data: { id: leadId, email: `${mark}.event@example.com` } });
  await world.refreshesOf(async () => expect((await world.deliver(body)).status).toBe(202));
  // Schedules pass whole seconds.
  const at = new Date(Math.floor(Date.now() / 1_000) * 1_000);
  await world.cloud.fire('exports', at);
  await world.cloud.idle();
  expect((await world.report(runIdOf('export', at))).status).toBe('complete');
  let lake = '';
  const duckdb = await emptyDuckdb();
  for (const table of readdirSync(join(world.out, 'lake'))) {
    const files = join(world.out, 'lake', table, '*', '*.parquet');
    const reader = await duckdb.runAndReadAll(`SELECT * FROM read_parquet('${files}', union_by_name = true)`);
    lake += JSON.stringify(reader.getRowObjectsJson());
  }
  duckdb.closeSync();
  const chunks = readdirSync(join(world.out, 'raw'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.gz'),
  );
  const raw = chunks.map((name) => gunzipSync(readFileSync(join(world.out, 'raw', name))).toString()).join('');
  return { world, lake, raw };
}

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ leads: 12 });
  plant(simulator);
});
afterAll(() => simulator.stop());

describe('if nothing is dropped or hashed', () => {
  let loaded: Loaded;
  beforeAll(async () => {
    loaded = await load(simulator, { drop: [], hash: [] });
  });
  afterAll(() => loaded.world.end());

  it('every planted value is in the tables, which proves that the search works', () => {
    const { lake, raw } = loaded;
    const planted = streams.flatMap(({ name, columns }) =>
      Object.keys(columns).map((column) => `${mark} ${name}.${column}`),
    );
    const read = planted.filter((text) => raw.includes(text));
    const others = ['that does not fit', 'beside leads', 'beside it', 'behind it', 'without a key'].map(
      (text) => `${mark} ${text}`,
    );
    expect(read.length).toBeGreaterThan(15);
    expect([...read, ...others, `${mark}.event@example.com`, address].filter((text) => !lake.includes(text))).toEqual(
      [],
    );
  });
});

describe('if e-mail addresses are hashed and all other personal data is dropped', () => {
  let loaded: Loaded;
  let key: string;
  beforeAll(async () => {
    loaded = await load(simulator, { drop: ['phone', 'name', 'subject', 'body'], hash: ['email'] });
    const get = new GetSecretValueCommand({ SecretId: 'prospect-lake/main/hash-key' });
    key = (await loaded.world.cloud.clients().secrets.send(get)).SecretString ?? '';
  });
  afterAll(() => loaded.world.end());

  it('no file of the lake has a planted value, but raw/ keeps them until it expires', () => {
    expect(loaded.lake.match(/.{0,80}(planted|@example\.(com|org)).{0,40}/gi)).toBeNull();
    expect(loaded.raw.match(/planted/gi)?.length).toBeGreaterThan(30);
  });

  it('every marked column is null, except for the hashed addresses', async () => {
    const counts = marked.map(({ name, column, kind }) => {
      const isHash = kind === 'email' ? `NOT regexp_full_match("${column}", '[0-9a-f]{64}')` : 'true';
      return `SELECT '${name}.${column}' AS place, count(*)::INTEGER AS n FROM "${name}" WHERE "${column}" IS NOT NULL AND ${isHash}`;
    });
    const left = await loaded.world.query(counts.join(' UNION ALL '));
    expect(left).toHaveLength(marked.length);
    expect(left.filter(({ n }) => n !== 0)).toEqual([]);
    expect(await loaded.world.query('SELECT count(email)::INTEGER AS n FROM leads')).toEqual([{ n: 12 }]);
  });

  it('an address has the same hash in every table, however it is written', async () => {
    const hash = createHmac('sha256', key).update('planted.person@example.com').digest('hex');
    for (const table of ['leads', 'lead_exports', 'referrals'])
      expect(await loaded.world.query(`SELECT DISTINCT email FROM ${table} WHERE email = '${hash}'`), table).toEqual([
        { email: hash },
      ]);
    const joined = await loaded.world.query(
      'SELECT count(DISTINCT leads.id)::INTEGER AS n FROM leads JOIN referrals USING (email) JOIN lead_exports USING (email)',
    );
    expect(joined).toEqual([{ n: 1 }]);
  });

  it('_extra has the names of fields, and nothing else', async () => {
    const extra = await loaded.world.query(
      'SELECT DISTINCT _extra FROM leads WHERE _extra IS NOT NULL ORDER BY _extra',
    );
    expect(extra.map((row) => row['_extra'])).toEqual([
      expect.stringMatching(/^\{("(full_name|email|phone)":null,?){3}\}$/),
      '{"undeclared":null}',
    ]);
  });

  it('a rejected row is counted and can be found in raw/, but its text is dropped', async () => {
    const [row] = await loaded.world.query('SELECT * FROM rejected_rows');
    expect(row).toMatchObject({ table_name: 'support_tickets', raw: null, reason: 'The key column id is empty.' });
    const chunk = gunzipSync(readFileSync(join(loaded.world.out, String(row?.['raw_key'])))).toString();
    expect(chunk.split('\n')[Number(row?.['line'])]).toContain(`${mark} without a key`);
  });

  it('an event is stored without its body', async () => {
    expect(await loaded.world.query('SELECT body, event, resource_table FROM webhook_events')).toEqual([
      { body: null, event: 'lead.updated', resource_table: 'leads' },
    ]);
  });

  it('the current tables and the named queries still work', async () => {
    const counts = streams.map(({ name }) => `SELECT count(*) FROM ${name}`);
    expect(await loaded.world.query(counts.join(' UNION ALL '))).toHaveLength(streams.length);
    const lake = await openLake(loaded.world.out);
    for (const { name, sql } of namedQueries)
      expect((await lake.runAndReadAll(sql)).getRowObjectsJson(), name).not.toEqual([]);
    lake.closeSync();
  });

  it('no log contains the key or a planted value', () => {
    const logs = JSON.stringify(loaded.world.lines);
    expect(key).toMatch(/^[A-Za-z0-9]{64}$/);
    expect([key, mark].filter((text) => logs.toLowerCase().includes(text.toLowerCase()))).toEqual([]);
  });
});
