/** Replay commands with the deployed functions: a raw chunk is damaged before its conversion and restored later. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { pipelineStateKey, reportKey } from '../../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import { runReport } from '../../../lambdas/contract/run-report.ts';
import { emptyState } from '../../../lambdas/core/runs/pipeline-state.ts';
import { runIdOf } from '../../../lambdas/core/runs/run-ids.ts';
import { readJson, updateJson } from '../../../lambdas/core/store/stored-json.ts';
import { withParents } from '../../../lambdas/streams/registry.ts';
import { currentAssembly } from '../../../local/run/assembly.ts';
import type { Verdict } from '../../../local/cloud/call-hook-runner.ts';
import { type Cloud, startCloud } from '../../../local/cloud/cloud.ts';
import { openLake } from '../../../local/run/lake.ts';
import { localEnvironment } from '../../../local/run/run-pipeline.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import type { Intent, Outcome } from '../../../ops/command.ts';
import { replayDeadLetters } from '../../../ops/commands/replay-dead-letters.ts';
import { replayRejected } from '../../../ops/commands/replay-rejected.ts';
import { status } from '../../../ops/commands/status.ts';
import { openTarget, type Target } from '../../../ops/target.ts';
import { carryOut } from '../../support/carry-out.ts';
import { readLakeFolder } from '../../support/lake-folder.ts';
import { stubSdk } from '../../support/stub-sdk.ts';

const streams = withParents(['lead_messages', 'campaigns', 'identity']);
const idleMilliseconds = 60_000;
let out = '';
let simulator: Simulator;
let cloud: Cloud;
let target: Target;
/** An hour ago, in whole minutes: `status` shows the runs of three days, and a schedule knows no milliseconds. */
let tick = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;
/** Damages the raw chunks of this table; undefined damages none. */
let spoil: { table: string; change: (chunk: Uint8Array) => Uint8Array } | undefined;
const original = new Map<string, { body: Uint8Array; metadata: Record<string, string> | undefined }>();

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'replay-'));
  simulator = await startSimulator({ leads: 5 });
  cloud = await startCloud({
    assembly: await currentAssembly(),
    out,
    timeScale: 100,
    environment: localEnvironment({
      apiUrl: simulator.baseUrl,
      streams: streams.map(({ name }) => name),
      startDate: undefined,
      requestsPerMinute: 1_000_000,
      timeScale: 100,
    }),
    secrets: { apiKey: simulator.apiKey },
    hooks: {
      async beforeCall({ functionName, operation, resource }): Promise<Verdict> {
        const [bucket = '', ...parts] = resource.split('/');
        if (parts[1] !== spoil?.table) return 'continue';
        const converts = ['convert', 'extract'].includes(functionName) && operation === 'GetObject';
        if (converts && parts[0] === 'raw') await spoilOnce(bucket, parts.join('/'));
        // The function that stored a chunk converts it from memory. Another function that takes over reads the damaged
        // chunk.
        const ends = functionName === 'extract' && operation === 'PutObject' && parts[0] === 'lake';
        return ends && original.size === 0 ? 'kill' : 'continue';
      },
    },
  });
  stubSdk(cloud.endpoint);
  target = await openTarget('main', { settle: () => cloud.idle(idleMilliseconds) });
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await cloud.stop();
  await simulator.stop();
  await rm(out, { recursive: true, force: true });
});

async function spoilOnce(Bucket: string, Key: string): Promise<void> {
  if (original.has(Key) || !spoil) return;
  const { s3 } = cloud.clients();
  const { Body, Metadata } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const body = (await Body?.transformToByteArray()) ?? new Uint8Array();
  original.set(Key, { body, metadata: Metadata });
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: spoil.change(body), Metadata }));
  s3.destroy();
}

async function mend(): Promise<void> {
  spoil = undefined;
  const { s3 } = cloud.clients();
  const Bucket = cloud.bucketName('lake');
  for (const [Key, { body, metadata }] of original)
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: body, Metadata: metadata }));
  s3.destroy();
  original.clear();
}

async function night(): Promise<string> {
  tick += 60_000;
  await cloud.fire('plan', new Date(tick));
  await cloud.idle(idleMilliseconds);
  return runIdOf('nightly', new Date(tick));
}

async function reportOf(runId: string) {
  return runReport.parse((await readLakeFolder(out)).json(reportKey(runId)));
}

/** Tables whose ids differ from those of the workspace. */
async function faults(): Promise<string[]> {
  const lake = await openLake(out);
  const found: string[] = [];
  for (const { name, key } of streams) {
    const rows = (await lake.runAndReadAll(`SELECT ${key.join(', ')} FROM "${name}"`)).getRows();
    const wanted = [...simulator.expectedRows(name)].map((row) => key.map((column) => String(row[column])));
    const [ids, others] = [rows, wanted].map((all) => all.map((values) => values.map(String).join('/')).toSorted());
    if (ids?.join() !== others?.join()) found.push(`${name}: ${ids?.length} rows, not ${others?.length}`);
  }
  lake.closeSync();
  return found;
}

/** The command refuses to act while the tables belong to another workspace than the key. */
async function isRefusedWithAnotherKey(prepare: () => Promise<Intent | Outcome>): Promise<void> {
  const workspaceIs = (workspace: string | undefined) =>
    updateJson(target.store, pipelineStateKey, pipelineState, emptyState, (state) => ({ ...state, workspace }));
  const { workspace } = (await readJson(target.store, pipelineStateKey, pipelineState))?.value ?? {};
  await workspaceIs('another');
  await expect(prepare().then(carryOut)).rejects.toThrow('The API key belongs to another workspace than the tables.');
  await workspaceIs(workspace);
}

const allLetters = { queue: undefined, limit: 100 };

describe('a chunk that no function can convert', { timeout: 180_000 }, () => {
  it('is shown with its reason, and replay-dead-letters loads it, so that the tables equal the workspace', async () => {
    spoil = { table: 'campaigns', change: () => new TextEncoder().encode('no gzip') };
    const runId = await night();
    const report = await reportOf(runId);
    expect(report).toMatchObject({
      status: 'partial',
      tables: { campaigns: { status: 'failed' }, leads: { error: null } },
    });
    expect(report.tables['campaigns']?.error?.message).toContain('Chunk campaigns.0/0 was not converted');
    const { sqs } = cloud.clients();
    const QueueUrl = cloud.queueUrl('convert-queue/dead-letters');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"from":"ada@example.com"}' }));
    sqs.destroy();

    await mend();
    await isRefusedWithAnotherKey(() => replayDeadLetters.prepare(target, allLetters));
    const { told, outcome } = await carryOut(await replayDeadLetters.prepare(target, allLetters));
    expect(told).toContain(
      `convert: chunk campaigns.0/0 of ${runId}\n    damaged_object: raw/campaigns/${runId}/campaigns.0/000000.ndjson.gz is not a complete gzip file.`,
    );
    expect(told).toContain('not have the form that this queue takes');
    expect(told).not.toContain('ada@');
    expect(outcome).toMatchObject({
      ok: false,
      data: { sent: [{ what: 'chunk campaigns.0/0' }], left: [{ queue: 'convert' }] },
    });
    expect((await reportOf(runId)).status).toBe('complete');
    expect(await faults()).toEqual([]);
    expect(cloud.queues().filter(({ ready, inFlight }) => ready + inFlight > 0)).toMatchObject([
      { name: 'convert-queue/dead-letters', ready: 1 },
    ]);

    const again = await carryOut(await replayDeadLetters.prepare(target, allLetters));
    expect(again.outcome).toMatchObject({ ok: false, data: { sent: [] } });
  });
});

describe('rejected rows', { timeout: 180_000 }, () => {
  it('are loaded by replay-rejected, also into the current table', async () => {
    const withoutIds = (chunk: Uint8Array) =>
      gzipSync(
        gunzipSync(chunk)
          .toString()
          .replaceAll(/"row":\{"id":/g, '"row":{"former_id":'),
      );
    spoil = { table: 'campaigns', change: withoutIds };
    const runId = await night();
    const { status: how, tables } = await reportOf(runId);
    expect(how).toBe('partial');
    expect(tables['campaigns']).toMatchObject({ rowsWritten: 0, rowsRejected: tables['campaigns']?.rowsExtracted });
    const lines = (await status.read(target, {})).lines.join('\n');
    expect(lines).toContain(
      `RowsRejected (campaigns): All ${tables['campaigns']?.rowsRejected} rows that the API gave have no usable key. The table rejected_rows says why. Report it to the vendor: the next night reads the list again.`,
    );

    await mend();
    const ofCampaigns = { run: undefined, table: 'campaigns' };
    await isRefusedWithAnotherKey(() => replayRejected.prepare(target, ofCampaigns));
    const { told } = await carryOut(await replayRejected.prepare(target, ofCampaigns));
    expect(told).toContain(`${runId}: ${tables['campaigns']?.rowsRejected} rows in 1 chunk of campaigns`);
    expect((await reportOf(runId)).tables['campaigns']).toMatchObject({ status: 'complete', rowsRejected: 0 });
    expect(await faults()).toEqual([]);
    const lake = await openLake(out);
    expect((await lake.runAndReadAll('SELECT * FROM rejected_rows')).currentRowCount).toBe(0);
    lake.closeSync();

    const again = await replayRejected.prepare(target, { run: runId, table: undefined });
    expect(again.lines).toEqual(['There are no rejected rows that could be converted again.']);
  });
});
