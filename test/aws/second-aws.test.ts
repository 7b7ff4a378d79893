/**
 * The life of a deployment on an independent AWS emulator: moto creates every resource of the templates, the bundles
 * run as processes with the permissions of their roles, and the tables are compared with the simulator.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageKey } from '../../lambdas/contract/object-keys.ts';
import { webhookEvents } from '../../lambdas/contract/webhook.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { openLake } from '../../local/run/lake.ts';
import { localEnvironment } from '../../local/run/run-pipeline.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { CustomResourceCaller } from '../support/custom-resource.ts';
import { AwsWorld } from './aws-world.ts';

const exportBucket = 'vendor-exports';
const config = {
  name: 'main',
  alarmEmail: 'data@example.com',
  exports: { source: { bucket: exportBucket, prefix: 'in/' } },
};
let simulator: Simulator;
let world: AwsWorld;
let cloudFormation: CustomResourceCaller;

beforeAll(async () => {
  simulator = await startSimulator({
    leads: 12,
    exportPolls: 1,
    epochs: [new Date(Date.now() - 2 * 86_400_000)],
    // On a busy machine the receiver needs longer to start.
    deliveryTimeoutMilliseconds: 120_000,
  });
  cloudFormation = await CustomResourceCaller.start();
  world = await AwsWorld.start(config, {
    ...localEnvironment({
      apiUrl: simulator.baseUrl,
      streams: undefined,
      startDate: undefined,
      requestsPerMinute: 100_000,
    }),
    // The roles permit the page of a deployment only.
    PAGE_KEY: pageKey,
    LOCAL_FLAGS: '',
    EXPORT_FIRST_POLL_SECONDS: '1',
    EXPORT_SLOWEST_POLL_SECONDS: '1',
  });
  await world.createBucket(exportBucket);
});
afterAll(async () => {
  process.stdout.write(`${world.guard.decided} calls were decided over, ${world.guard.denied.length} denied.\n`);
  await world.stop();
  await simulator.stop();
  cloudFormation.stop();
});

const ask = (type: 'Create' | 'Update' | 'Delete', events: readonly string[] = webhookEvents) =>
  cloudFormation.ask((event) => world.invoke('register', event), type, { url: world.webhookUrl, events });
const ours = () => [...simulator.expectedRows('webhook_endpoints')].filter(({ url }) => url === world.webhookUrl);

/** Differences between the current tables and the simulator, in keys and in text columns. */
async function differences(): Promise<string[]> {
  const lake = await openLake(await world.download());
  const found: string[] = [];
  for (const { name, key } of streams) {
    const keyOf = (row: Record<string, unknown>) => key.map((column) => String(row[column])).join('/');
    const wanted = new Map([...simulator.expectedRows(name)].map((row) => [keyOf(row), row]));
    const rows = (await lake.runAndReadAll(`SELECT * FROM "${name}"`)).getRowObjectsJson();
    const has = new Map(rows.map((row) => [keyOf(row), row]));
    if (has.size !== rows.length) found.push(`${name} has a key twice`);
    for (const id of wanted.keys()) if (!has.has(id)) found.push(`${name} lacks ${id}`);
    for (const id of has.keys()) if (!wanted.has(id)) found.push(`${name} has ${id} too many`);
    for (const [id, row] of wanted) {
      for (const [field, value] of Object.entries(row)) {
        const own = has.get(id)?.[field];
        if (typeof value === 'string' && typeof own === 'string' && !field.endsWith('_at') && own !== value)
          found.push(`${name} ${id} has another ${field}`);
      }
    }
  }
  lake.closeSync();
  return found;
}

async function night(): Promise<void> {
  await world.fire('nightly', new Date());
  await world.idle();
}

describe('a deployment', () => {
  it('makes every resource of both templates', () => {
    expect(world.made).toBeGreaterThan(150);
  });

  it('fails without a key, and says what to do', async () => {
    const answer = await ask('Create');
    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('holds no API key') });
    expect(await ask('Delete')).toMatchObject({ Status: 'SUCCESS' });
  });

  it('registers one endpoint if it has the key', async () => {
    await world.putSecret('api-key', simulator.apiKey);
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect(ours()).toHaveLength(1);
  });
});

describe('a workspace', () => {
  it('is loaded exactly as the API has it', async () => {
    await night();
    expect(await differences()).toEqual([]);
  });

  it('is exact again after a night with changes', async () => {
    simulator.advance(new Date());
    await night();
    expect(await differences()).toEqual([]);
  });

  it('follows webhooks', async () => {
    const [changed] = [...simulator.expectedRows('leads')];
    simulator.updateLead(String(changed?.['id']), { title: 'Changed 🚀' });
    const [delivery] = await simulator.emit('lead.updated', String(changed?.['id']));
    expect(delivery).toMatchObject({ status: 'delivered', response_status_code: 202 });
    await world.idle();
    const lake = await openLake(await world.download());
    const rows = await lake.runAndReadAll(`SELECT title FROM leads WHERE id = '${String(changed?.['id'])}'`);
    expect(rows.getRowObjectsJson()).toEqual([{ title: 'Changed 🚀' }]);
    lake.closeSync();
  });

  it('loads an export whose file arrives after the export is ready', async () => {
    const before = new Set([...simulator.expectedRows('exports')].map(({ id }) => id));
    const fired = world.fire('exports', new Date());
    await fired;
    await expect
      .poll(() => [...simulator.expectedRows('exports')].find((row) => !before.has(row['id']) && row['file_key']), {
        timeout: 120_000,
      })
      .toBeDefined();
    const made = [...simulator.expectedRows('exports')].find(({ id }) => !before.has(id));
    const lines = [...simulator.exportFile(String(made?.['id']))].join('');
    await world.putObject(exportBucket, `in/${String(made?.['file_key'])}`, lines);
    await world.idle();
    const lake = await openLake(await world.download());
    const rows = await lake.runAndReadAll('SELECT count(*)::INTEGER AS rows FROM lead_exports');
    expect(rows.getRowObjectsJson()).toEqual([{ rows: [...simulator.expectedRows('leads')].length }]);
    lake.closeSync();
  });
});

describe('its webhook endpoint', () => {
  it('is reconciled, and its secret rotated', async () => {
    await world.fire('reconciliation', new Date());
    const [before] = ours();
    expect(await world.invoke('register', { action: 'rotate', url: world.webhookUrl, events: webhookEvents })).toEqual({
      rotated: true,
    });
    expect(ours()).toHaveLength(1);
    expect(ours()[0]?.['id']).not.toBe(before?.['id']);
  });

  it('is updated and deleted with the stack', async () => {
    expect(await ask('Update', ['lead.updated'])).toMatchObject({ Status: 'SUCCESS' });
    expect(ours()).toEqual([expect.objectContaining({ events: ['lead.updated'] })]);
    expect(await ask('Delete')).toMatchObject({ Status: 'SUCCESS', Reason: '' });
    expect(ours()).toEqual([]);
  });
});

describe('the watcher', () => {
  it('checks every queue, and has nothing to report', async () => {
    expect(await world.fire('looks', new Date())).toEqual([]);
  });
});

describe('the roles', () => {
  it('let the functions do all of this: no call was denied', () => {
    expect(world.guard.denied).toEqual([]);
    expect(world.guard.decided).toBeGreaterThan(1_000);
  });
});
