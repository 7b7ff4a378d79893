/** A day of a deployment in short: what its functions do, each once. The suites of test/long/local go into depth. */

import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { webhookEvents } from '../../lambdas/contract/webhook.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import type { Stack } from '../../local/cloud/cloudformation/template.ts';
import { type FaultProxy, startFaultProxy } from '../../local/faults/fault-proxy.ts';
import { errorAnswer } from '../../local/faults/faults.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { mailsOf } from '../support/alarm-states.ts';
import { CustomResourceCaller } from '../support/custom-resource.ts';
import { EventWorld } from '../support/event-world.ts';
import { runOps } from '../support/ops-process.ts';
import { pipelineStack } from '../support/pipeline-stack.ts';
import { stubSdk } from '../support/stub-sdk.ts';

const bucket = 'vendor-exports';
const hour = 3_600_000;
const day = 24 * hour;
// An operator is shown the runs of the last three days.
const midnight = Math.floor(Date.now() / day) * day;
const firstNight = new Date(midnight - 2 * day + 2 * hour);
const secondNight = new Date(midnight - day + 2 * hour);
const tables = ['leads', 'lead_messages', 'campaigns'];
let simulator: Simulator;
let proxy: FaultProxy;
let world: EventWorld;
let cloudFormation: CustomResourceCaller;
let pipeline: Stack;
let changing: string;
let gone: string;

beforeAll(async () => {
  cloudFormation = await CustomResourceCaller.start();
  simulator = await startSimulator({ leads: 20 });
  [changing = '', gone = ''] = [...simulator.expectedRows('leads')].map(({ id }) => String(id));
  proxy = await startFaultProxy(simulator.baseUrl);
  world = await EventWorld.start(simulator, {
    streams: [...tables, 'exports'],
    apiUrl: proxy.baseUrl,
    webhookSecret: null,
    timeScale: 20,
    buckets: [bucket],
    hooks: { beforeCall: putExport },
    environment: {
      EXPORT_SOURCE: JSON.stringify({ bucket, prefix: 'drop/' }),
      EXPORT_FIRST_POLL_SECONDS: '2',
    },
  });
  stubSdk(world.cloud.endpoint);
  pipeline = await pipelineStack();
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await world.end();
  await proxy.stop();
  await simulator.stop();
  cloudFormation.stop();
});

/** The vendor puts the file of an export into its bucket just before a function reads it. */
async function putExport({ operation, resource }: { operation: string; resource: string }) {
  const exports = [...simulator.expectedRows('exports')].map((row) => String(row['id']));
  const id = exports.find((one) => resource.includes(one));
  if (operation !== 'GetObject' || !resource.startsWith(`${bucket}/`) || id === undefined) return 'continue' as const;
  const { s3 } = world.cloud.clients();
  const Body = [...simulator.exportFile(id)].join('');
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: resource.slice(bucket.length + 1), Body }));
  return 'continue' as const;
}

const countIn = async (table: string) =>
  (await world.query(`SELECT count(*)::INTEGER AS n FROM ${table}`)).map(({ n }) => n);

describe('a deployment, in the order of its day', () => {
  it('registers its webhook endpoint with the vendor, and is told nothing that CloudFormation may not know', async () => {
    const properties = { url: world.webhookUrl, events: webhookEvents };
    const answer = await cloudFormation.ask((event) => world.cloud.invoke('register', event), 'Create', properties);
    expect(answer).toMatchObject({ Status: 'SUCCESS', Reason: '' });
    expect([...simulator.expectedRows('webhook_endpoints')].map(({ url }) => url)).toContain(world.webhookUrl);
    expect(JSON.stringify(answer)).not.toContain('whsec');
  });

  it('loads every table at night', async () => {
    expect((await world.load(firstNight)).status).toBe('complete');
    for (const table of tables) expect([table, ...(await countIn(table))]).toEqual([table, simulator.counts()[table]]);
  });

  it('makes a lead that changes current soon after the vendor’s event', async () => {
    simulator.updateLead(changing, { title: 'Chief of Tests' });
    const { reports } = await world.refreshesOf(async () => {
      const deliveries = await simulator.emit('lead.updated', changing);
      expect(deliveries.map(({ response_status_code }) => response_status_code)).toEqual([202]);
    });
    expect(reports.map(({ status }) => status)).toEqual(['complete']);
    expect(await world.query(`SELECT title FROM leads WHERE id = '${changing}'`)).toEqual([
      { title: 'Chief of Tests' },
    ]);
  });

  it('refuses an event that the vendor did not sign', async () => {
    const answer = await world.deliver(`{"data":{"id":"${changing}"}}`, { secret: 'whsec_of_somebody_else' });
    expect(answer.status).toBe(401);
    expect(world.lines.at(-1)?.line).toContain('A delivery is refused.');
  });

  it('orders an export, and deletes a lead that the export lacks', async () => {
    simulator.deleteLead(gone);
    const at = new Date(firstNight.getTime() + 2 * hour);
    await world.cloud.fire('exports', at);
    await world.cloud.idle();
    expect(await world.report(runIdOf('export', at))).toMatchObject({ status: 'complete', kind: 'export' });
    expect(await countIn('lead_exports')).toEqual(await countIn('leads'));
    expect(await world.query(`SELECT id FROM leads WHERE id = '${gone}'`)).toEqual([]);
  });

  it('tells a person of a night in which it could not read a list', async () => {
    if (!pipeline) throw new Error('The assembly has no pipeline of the workspace main.');
    proxy.plant([{ path: /^\/campaigns(\?|$)/, fault: errorAnswer(404, 'not_found') }]);
    const before = world.cloud.events.length;
    expect((await world.load(secondNight)).status).toBe('partial');
    await world.cloud.idle();
    expect(mailsOf(pipeline, world.cloud.events.slice(before))).toEqual([expect.stringMatching(/: RunPartial\. /)]);
  });

  it('shows an operator its runs', async () => {
    // The exit status is 1, because the last night is partial.
    const { code, stdout } = await runOps('status --json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      paused: false,
      runs: expect.arrayContaining([
        expect.objectContaining({ runId: runIdOf('nightly', firstNight), status: 'complete' }),
        expect.objectContaining({ runId: runIdOf('nightly', secondNight), status: 'partial' }),
      ]),
    });
  });

  it('writes no secret to a log', () => {
    expect(world.lines.length).toBeGreaterThan(20);
    expect(world.lines.filter(({ line }) => line.includes(simulator.apiKey) || line.includes('whsec_'))).toEqual([]);
  });
});
