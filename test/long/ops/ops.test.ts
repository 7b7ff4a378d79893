/** The commands of `npx prospect-lake ops` on one deployment, in the order of an operator's day. */

import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import { webhookSecret } from '../../../lambdas/contract/webhook.ts';
import type { Simulator } from '../../../local/simulator/simulator.ts';
import { audit } from '../../../ops/commands/audit.ts';
import { backfill } from '../../../ops/commands/backfill.ts';
import { rotateWebhookSecret } from '../../../ops/commands/rotate-webhook-secret.ts';
import { status } from '../../../ops/commands/status.ts';
import { supportBundle } from '../../../ops/commands/support-bundle.ts';
import { trace } from '../../../ops/commands/trace.ts';
import type { Target } from '../../../ops/target.ts';
import { carryOut } from '../../support/carry-out.ts';
import { type EventWorld, testSecret } from '../../support/event-world.ts';
import { runOps } from '../../support/ops-process.ts';
import { planted, startOpsWorld } from '../../support/ops-world.ts';
import { wholeAudit } from '../../support/audit-world.ts';

// Functions start as processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const streams = ['leads', 'lead_messages', 'campaigns', 'support_tickets', 'referrals'];
let simulator: Simulator;
let world: EventWorld;
let target: Target;
let report: RunReport;
let folder = '';
let end: () => Promise<void>;

beforeAll(async () => {
  ({ simulator, world, target, report, folder, end } = await startOpsWorld(streams));
}, 180_000);

afterAll(() => end());

async function repair(names: readonly string[]) {
  return carryOut(await audit.prepare(target, { ...wholeAudit, stream: [...names], repair: true }));
}

describe('npx prospect-lake ops as a process', () => {
  it('shows a run to a program as one JSON value', async () => {
    const { code, stdout } = await runOps('status --json');
    // One of six support tickets was rejected, which is more than one in a hundred.
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ paused: false, runs: [{ runId: report.runId, status: 'complete' }] });
    expect((await status.read(target, {})).lines.join('\n')).toMatch(new RegExp(`${report.runId} .* complete `));
  });

  it('does nothing without --yes if nobody can be asked', async () => {
    const { code, stdout, stderr } = await runOps('backfill --stream campaigns');
    expect([code, stderr]).toEqual([2, 'Nobody can be asked here: say --yes to do it.\n']);
    expect(stdout).toContain('Reads campaigns of workspace main anew.');
    const forProgram = await runOps('backfill --stream campaigns --json');
    expect(JSON.parse(forProgram.stdout)).toEqual({ error: stderr.trimEnd() });
    expect((await status.read(target, {})).data).toMatchObject({ runs: [{ runId: report.runId }] });
  });

  it('says in one line what is missing: the workspace, the folder', async () => {
    const { code, stderr } = await runOps('status --workspace other');
    expect([code, stderr]).toEqual([
      2,
      'There is no stack ProspectLake-other-Data in this account and region. Look at --workspace, AWS_PROFILE and AWS_REGION.\n',
    ]);
    const local = await runOps(`status --local --out ${folder}/nowhere`);
    expect(local).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no local run under') });
  });
});

describe('a bounded backfill', () => {
  it('reads only the leads of its window, including its first instant, and moves no watermark', async () => {
    const before = world.json('state/pipeline.json');
    const input = { stream: ['leads'], from: '2026-06-01T00:00:00.000Z', to: '2026-06-01T00:00:01.000Z' };
    const prepared = await backfill.prepare(target, input);
    const outcome = 'act' in prepared ? await prepared.act() : prepared;
    expect(outcome.data).toMatchObject({
      paused: false,
      report: { kind: 'backfill', tables: { leads: { rowsWritten: 1 } } },
    });
    expect(world.json('state/pipeline.json')).toEqual(before);
  });
});

describe('an audit', () => {
  /** The API gives a support ticket without a usable key. */
  const sound = streams.filter((name) => name !== 'support_tickets');

  it('finds nothing in a lake without faults, and is not clean with a row that has no usable key', async () => {
    const whole = await audit.prepare(target, wholeAudit);
    expect(whole).toMatchObject({ ok: false, data: { verdict: 'unfinished' } });
    expect(whole.lines.join('\n')).toContain(
      'support_tickets: the comparison did not finish. 1 row in the API without a usable key could not be compared.',
    );
    const found = await audit.prepare(target, { ...wholeAudit, stream: sound });
    expect(found).toMatchObject({ ok: true, data: { clean: true } });
    expect(found.lines.at(-1)).toContain('The lake matches the API.');
  });

  it('reports different rows and lost files, and repairs them', async () => {
    const [changed = '', deleted = ''] = [...simulator.expectedRows('leads')].map((row) => String(row['id']));
    const at = new Date(Date.parse(report.startedAt) - 1).toISOString();
    simulator.updateLead(changed, { updated_at: at });
    simulator.deleteLead(deleted);
    const unread = String(simulator.create('campaigns', { updated_at: at })['id']);
    const file = world.files('referrals')[0] ?? '';
    await target.store.delete(`lake/referrals/${file}`);

    const found = await audit.prepare(target, wholeAudit);
    const text = found.lines.join('\n');
    expect(text).toContain(`leads, 1 row different in the API:\n  ${changed}  `);
    expect(text).toContain(`leads, 1 row no longer in the API:\n  ${deleted}`);
    expect(text).toContain(`campaigns, 1 row in the API, but missing here:\n  ${unread}`);
    expect(text).toContain(`lake/referrals/${file} is gone`);
    expect(found).toMatchObject({ ok: false, data: { clean: false, verdict: 'differs' } });

    const { told, outcome } = await repair(sound);
    expect(told).toContain('Makes 1 lost file again from raw chunks.');
    expect(told).toContain('Reads 2 rows of leads by id');
    expect(outcome.lines.at(-1)).toContain('The lake matches the API.');
    expect(outcome).toMatchObject({ ok: true, data: { clean: true } });
    const lake = await world.query('SELECT id FROM leads ORDER BY id');
    expect(lake.map(({ id }) => id)).toEqual([...simulator.expectedRows('leads')].map(({ id }) => id).toSorted());
  });
});

describe('trace', () => {
  const input = { table: undefined, id: undefined, request: undefined, chunk: undefined, run: undefined };
  const origins = z.array(
    z.object({
      id: z.string(),
      chunk: z.string(),
      line: z.number(),
      requestId: z.string(),
      runId: z.string(),
      runStatus: z.literal('complete'),
      current: z.boolean(),
    }),
  );

  it('leads from a row to the line of its raw chunk, and from that and the request back to the row', async () => {
    const [message] = await world.query('SELECT lead_id, id, _request_id FROM lead_messages LIMIT 1');
    const id = `${String(message?.['lead_id'])}/${String(message?.['id'])}`;
    const { data } = await trace.read(target, { ...input, table: 'lead_messages', id: String(message?.['id']) });
    const found = origins.parse(data).find(({ current }) => current);
    expect(found).toMatchObject({ id, requestId: message?.['_request_id'] });
    if (!found) return;
    const line = gunzipSync(readFileSync(join(world.out, found.chunk)))
      .toString()
      .split('\n')[found.line];
    expect(line).toContain(`"id":"${String(message?.['id'])}"`);
    expect(simulator.requests.map(({ requestId }) => requestId)).toContain(found.requestId);

    const back = { table: 'lead_messages', id, chunk: found.chunk, line: found.line };
    const byRequest = await trace.read(target, { ...input, request: found.requestId });
    expect(byRequest.data).toContainEqual(expect.objectContaining(back));
    const byChunk = await trace.read(target, { ...input, chunk: found.chunk });
    expect(byChunk.data).toMatchObject({
      rows: expect.arrayContaining([expect.objectContaining({ line: found.line, id })]),
    });
    const byRun = await trace.read(target, { ...input, run: found.runId });
    expect(byRun.data).toMatchObject({
      chunks: expect.arrayContaining([expect.objectContaining({ chunk: found.chunk })]),
    });
    for (const { lines } of [byRequest, byChunk, byRun]) expect(lines.join('\n')).not.toContain('@');
  });

  it('shows a rejected row by its line', async () => {
    const [rejected] = await world.query('SELECT raw_key, line, _request_id FROM rejected_rows');
    const { data } = await trace.read(target, { ...input, request: String(rejected?.['_request_id']) });
    const line = Number(rejected?.['line']);
    expect(data).toContainEqual({
      table: 'support_tickets',
      id: null,
      runId: report.runId,
      chunk: rejected?.['raw_key'],
      line,
    });
  });

  // Depends on the test above.
  it('says that a lead was found deleted', async () => {
    const [gone] = await world.query('SELECT id FROM leads_history WHERE _deleted_at IS NOT NULL');
    const { data, lines } = await trace.read(target, { ...input, table: 'leads', id: String(gone?.['id']) });
    expect(data).not.toContainEqual(expect.objectContaining({ current: true }));
    expect(lines.join('\n')).toContain('found deleted');
  });
});

describe('rotate-webhook-secret', () => {
  const kept = { revoke: false };

  it('names no AWS account for a local folder, and leaves the vendor alone', async () => {
    const { out } = world;
    const told = await rotateWebhookSecret.prepare(
      { ...target, local: { out, isSimulated: true, isRunning: false } },
      kept,
    );
    expect(told.lines.join()).toMatch(/new secret from the simulator into the secrets of this folder/);
    expect(told.lines.join()).not.toMatch(/amazonaws|https:/);
    await expect(
      rotateWebhookSecret.prepare({ ...target, local: { out, isSimulated: false, isRunning: false } }, kept),
    ).rejects.toThrow('The vendor knows of no endpoint of this folder');
  });

  it('gets a new secret from the vendor, and keeps the previous one for deliveries on their way', async () => {
    const prepared = await rotateWebhookSecret.prepare(target, kept);
    const outcome = 'act' in prepared ? await prepared.act() : prepared;
    expect(outcome.data).toEqual({ rotated: true });
    const { secrets } = world.cloud.clients();
    const { SecretString } = await secrets.send(
      new GetSecretValueCommand({ SecretId: world.cloud.secretArn('webhook') }),
    );
    const { current, previous } = webhookSecret.parse(JSON.parse(SecretString ?? ''));
    expect(previous?.secret).toBe(testSecret);
    expect(Date.parse(previous?.until ?? '')).toBeGreaterThan(Date.now());
    expect(current).not.toBe(testSecret);
    expect(`${outcome.lines.join()}${JSON.stringify(outcome.data)}`).not.toContain(current);
  });
});

describe('a support bundle', () => {
  it('shows runs, queues, dead letters and rejected rows, but no personal data, row, key or account', async () => {
    const { sqs } = world.cloud.clients();
    for (const MessageBody of [
      `{"from":"${planted.email}"}`,
      JSON.stringify({
        deliveryId: `delivery of ${planted.full_name}`,
        event: 'lead.updated',
        signedAt: report.startedAt,
        receivedAt: report.startedAt,
        body: JSON.stringify(planted),
      }),
    ])
      await sqs.send(
        new SendMessageCommand({ QueueUrl: world.cloud.queueUrl('refresh-queue/dead-letters'), MessageBody }),
      );
    const path = join(folder, 'bundle.json.gz');
    const { lines } = await supportBundle.read(target, { outFile: path });
    const text = gunzipSync(readFileSync(path)).toString();
    const bundle = JSON.parse(text);
    expect(bundle.runs).toContainEqual(expect.objectContaining({ runId: report.runId }));
    expect(bundle.rejected.reasons).toMatchObject([
      { table: 'support_tickets', reason: 'The key column id is empty.', rows: 1 },
    ]);
    expect(bundle.queues).toContainEqual(
      expect.objectContaining({
        name: 'refresh',
        deadLetters: 2,
        letters: expect.arrayContaining([
          expect.objectContaining({ kind: 'not a message of this queue' }),
          expect.objectContaining({ kind: 'event lead.updated' }),
        ]),
      }),
    );

    const rows = streams.flatMap((name) => [...simulator.expectedRows(name)]);
    const values = rows.flatMap(({ id, email, full_name, phone, body, subject }) => [
      id,
      email,
      full_name,
      phone,
      body,
      subject,
    ]);
    const forbidden = [
      ...values,
      ...Object.values(planted),
      simulator.apiKey,
      testSecret,
      '000000000000',
      target.data.BucketName,
    ];
    const held = forbidden.filter((value) => typeof value === 'string' && value.length > 3 && text.includes(value));
    expect(held).toEqual([]);
    expect(text).not.toContain('@example');
    expect(lines.join('\n')).toContain('Leaves out: rows');
  });

  it('is never written over a file', async () => {
    const path = join(folder, 'there.json.gz');
    await writeFile(path, 'mine');
    await expect(supportBundle.read(target, { outFile: path })).rejects.toThrow('is there already');
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });
});
