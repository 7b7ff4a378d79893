/**
 * Makes each condition of the runbook occur on the embedded cloud. The alarms and the EventBridge rule of the deployed
 * stack must tell a person about it exactly once.
 */

import { readFileSync } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { pipelineStateKey, watchKey } from '../../../lambdas/contract/object-keys.ts';
import type { Stack } from '../../../local/cloud/cloudformation/template.ts';
import { type FaultProxy, startFaultProxy } from '../../../local/faults/fault-proxy.ts';
import { errorAnswer } from '../../../local/faults/faults.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { type Datapoint, mailsOf, raisedAlarms } from '../../support/alarm-states.ts';
import { EventWorld, testSecret } from '../../support/event-world.ts';
import { runOps } from '../../support/ops-process.ts';
import { pipelineStack } from '../../support/pipeline-stack.ts';
import { stubSdk } from '../../support/stub-sdk.ts';

vi.setConfig({ testTimeout: 60_000 });

const hour = 3_600_000;
let simulator: Simulator;
let proxy: FaultProxy;
let world: EventWorld;
let stack: Stack;
let scopes: readonly string[];
let nights = 0;
/** Metric values that CloudWatch would count. */
const datapoints: Datapoint[] = [];
const count = (namespace: string, metric: string, at = new Date()) => datapoints.push({ namespace, metric, at });

beforeAll(async () => {
  simulator = await startSimulator({ leads: 60 });
  scopes = ['leads', 'campaigns'].map((name) => streamNamed(name).scope);
  proxy = await startFaultProxy(simulator.baseUrl);
  world = await EventWorld.start(simulator, {
    streams: ['leads', 'campaigns'],
    apiUrl: proxy.baseUrl,
    timeScale: 20,
    concurrency: { extract: 1, convert: 1 },
  });
  stubSdk(world.cloud.endpoint);
  stack = await pipelineStack();
  await night();
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await world.end();
  await proxy.stop();
  await simulator.stop();
});
beforeEach(async () => {
  datapoints.length = 0;
  await look();
});

/** Runs a nightly run with its own scheduled time. */
async function night(): Promise<void> {
  nights += 1;
  await world.load(new Date(Date.UTC(2026, 10, 24, 2, nights)));
  await world.cloud.idle();
}

/** Runs the watch function, which a schedule invokes every ten minutes. */
async function look(): Promise<void> {
  await world.cloud.invoke('watch', {});
  count('AWS/Lambda', 'Invocations');
}

async function putSecret(name: string, SecretString: string): Promise<void> {
  const SecretId = world.cloud.secretArn(name);
  await world.cloud.clients().secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
}

/** Sends a delivery, and counts the answer as API Gateway does. */
async function deliver(): Promise<void> {
  const { status } = await world.deliver('{}');
  if (status >= 500) count('AWS/ApiGateway', '5xx');
  else if (status >= 400) count('AWS/ApiGateway', '4xx');
}

async function twice(): Promise<void> {
  await look();
  await look();
}

interface Fields {
  readonly [field: string]: string | readonly string[] | Fields | undefined;
}
const isFields = (value: Fields[string]): value is Fields => typeof value === 'object' && !Array.isArray(value);
const merge = (record: unknown, fields: Fields): unknown => {
  const merged: Record<string, unknown> = { ...z.record(z.string(), z.unknown()).optional().parse(record) };
  for (const [field, value] of Object.entries(fields))
    merged[field] = isFields(value) ? merge(merged[field], value) : value;
  return merged;
};

/** Changes fields of a JSON object of the pipeline, to show at once what would otherwise take days. */
async function change(key: string, fields: Fields): Promise<void> {
  const { s3 } = world.cloud.clients();
  const Body = JSON.stringify(merge(world.json(key), fields));
  await s3.send(new PutObjectCommand({ Bucket: world.cloud.bucketName('lake'), Key: key, Body }));
}

/** The time this many hours ago. */
const ago = (hours: number) => new Date(Date.now() - hours * hour).toISOString();

/** Names of the problems that the rule mails while `cause` runs, followed by the alarms that are raised afterwards. */
async function toldOf(cause: () => Promise<unknown>, until = new Date()): Promise<string[]> {
  const before = world.cloud.events.length;
  await cause();
  const mails = mailsOf(stack, world.cloud.events.slice(before));
  const now = new Date(Math.max(until.getTime(), Date.now()));
  return [...mails.map((mail) => /: (\w+)\. /.exec(mail)?.[1] ?? mail), ...raisedAlarms(stack, datapoints, now)];
}

describe('a person is told once', () => {
  it('of nothing while all is well', async () => {
    expect(
      await toldOf(async () => {
        await night();
        await look();
      }),
    ).toEqual([]);
  });

  it('RunFailed: no list could be read', async () => {
    proxy.plant([{ path: /^\/(leads|campaigns)(\?|$)/, fault: errorAnswer(404, 'not_found') }]);
    expect(await toldOf(night)).toEqual(['RunFailed']);
    proxy.plant([]);
  });

  it('RunPartial: one of the lists could not be read', async () => {
    proxy.plant([{ path: /^\/campaigns(\?|$)/, fault: errorAnswer(404, 'not_found') }]);
    expect(await toldOf(night)).toEqual(['RunPartial']);
    proxy.plant([]);
  });

  it('ScopeMissing: the key may not read one of the lists', async () => {
    simulator.configure({ scopes: ['me.read', streamNamed('leads').scope] });
    expect(await toldOf(night)).toEqual(['ScopeMissing']);
    simulator.configure({ scopes: ['me.read', ...scopes] });
  });

  it('KeyRefused: the key was revoked', async () => {
    simulator.configure({ apiKey: 'pb2b_live_another' });
    expect(await toldOf(night)).toEqual(['KeyRefused']);
    await putSecret('api-key', 'pb2b_live_another');
  });

  it('DeletionsHeld: a list that had rows is empty', async () => {
    simulator.configure({ empty: ['campaigns'] });
    expect(await toldOf(night)).toEqual(['DeletionsHeld']);
    simulator.configure({ empty: [] });
    // Held deletions are told each night until a complete reading of the list holds back none.
    await night();
  });

  it('RowsRejected: a row has no key', async () => {
    const rewrite = (body: string) => body.replace(/"id":"[^"]+"/, '"id":null');
    proxy.plant([{ path: /^\/campaigns(\?|$)/, fault: { kind: 'rewrite', rewrite } }]);
    expect(await toldOf(night)).toEqual(['RowsRejected']);
    proxy.plant([]);
  });

  it('ValuesDoNotFit: a list gives its times in another form', async () => {
    const rewrite = (body: string) => body.replaceAll(/"created_at":"[^"]+"/g, '"created_at":1764028800');
    proxy.plant([{ path: /^\/campaigns(\?|$)/, fault: { kind: 'rewrite', rewrite } }]);
    expect(await toldOf(night)).toEqual(['ValuesDoNotFit']);
    proxy.plant([]);
    await night();
  });

  it('RowsHealed: a complete reading finds changes that nothing told of', async () => {
    for (const { id, updated_at } of [...simulator.expectedRows('leads')].slice(0, 3))
      simulator.updateLead(String(id), { title: 'Changed in silence', updated_at });
    const leads = { at: ago(8 * 24) };
    await change(pipelineStateKey, { rereads: { leads }, watermarks: { leads } });
    expect(await toldOf(night)).toEqual(['RowsHealed']);
  });

  it('TableStale: a table whose own run is still under way', async () => {
    const runId = 'nightly-20261122T020000Z';
    await change(pipelineStateKey, {
      watermarks: { campaigns: { at: ago(60) } },
      underWay: { [runId]: { startedAt: ago(1), deadline: ago(-1), streams: ['campaigns'] } },
    });
    expect(await toldOf(night)).toEqual(['TableStale']);
    await change(pipelineStateKey, { underWay: { [runId]: undefined } });
    await night();
  });

  it('DeadLetters: work was given up', async () => {
    const { sqs } = world.cloud.clients();
    const QueueUrl = world.cloud.queueUrl('convert-queue/dead-letters');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    expect(await toldOf(twice)).toEqual(['DeadLetters']);
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  });

  it('WorkWaits: a queue was not empty for longer than it may be', async () => {
    await change(watchKey, { waitingSince: { refresh: ago(2) } });
    const { sqs } = world.cloud.clients();
    const QueueUrl = world.cloud.queueUrl('refresh-queue');
    await runOps('pause --yes');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    expect(await toldOf(twice)).toEqual(['WorkWaits']);
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    await runOps('resume --yes');
  });

  it('RunMissing: no night has ended for longer than the schedule says', async () => {
    await change(watchKey, { nightly: { at: ago(30) } });
    expect(await toldOf(twice)).toEqual(['RunMissing']);
    await night();
    expect(await toldOf(look)).toEqual([]);
  });

  it('WatcherSilent: nobody looks after the pipeline any more', async () => {
    const later = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    const nothing = async () => {};
    expect(await toldOf(nothing, later(10))).toEqual([]);
    expect(await toldOf(nothing, later(16))).toEqual(['WatcherSilent']);
  });

  it('FunctionErrors: a function crashed', async () => {
    const crash = async () => {
      await expect(world.cloud.invoke('plan', { scheduledAt: 'never' })).rejects.toThrow('scheduledAt');
      count('ProspectLake/main', 'FunctionCrashed');
    };
    expect(await toldOf(crash)).toEqual(['FunctionErrors']);
  });

  it('WebhookServerErrors: the receiver cannot read its secret', async () => {
    await putSecret('webhook', 'damaged');
    expect(await toldOf(deliver)).toEqual(['WebhookServerErrors']);
  });

  it('WebhookClientErrors: deliveries are signed with another secret', async () => {
    await putSecret('webhook', JSON.stringify({ endpointId: 'an-endpoint', current: 'another', previous: null }));
    await vi.waitFor(async () => expect((await world.deliver('{}')).status).toBe(401), { timeout: 30_000 });
    const nine = async () => {
      for (let times = 0; times < 9; times += 1) await deliver();
    };
    expect(await toldOf(nine)).toEqual([]);
    expect(await toldOf(deliver)).toEqual(['WebhookClientErrors']);
  });
});

describe('the mail', () => {
  it('says what is wrong, and which section of the runbook says what to do', () => {
    const mails = mailsOf(stack, world.cloud.events);
    const runbook = readFileSync('docs/runbook.md', 'utf8');
    expect(mails.length).toBeGreaterThan(8);
    for (const mail of mails) {
      const [, name = ''] = /docs\/runbook\.md, (\w+)\./.exec(mail) ?? [];
      expect(runbook).toContain(`\n### ${name}\n`);
    }
    expect(mails.find((mail) => mail.includes('ScopeMissing'))).toContain(streamNamed('campaigns').scope);
    expect(mails.join()).not.toContain(testSecret);
  });
});
