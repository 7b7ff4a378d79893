import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prospectLakeApp } from '../../../../lib/app.ts';
import { webhookSecret } from '../../../../lambdas/contract/webhook.ts';
import { runReport } from '../../../../lambdas/contract/run-report.ts';
import { currentAssembly } from '../../../../local/run/assembly.ts';
import { exceptions, unplayed } from '../../../support/access-exceptions.ts';
import { summaryOf } from '../../../../local/cli/summary.ts';
import { pipe } from '../../../../local/cli/terminal.ts';
import { type AccessRecording, type Done, fullConfig } from '../../../support/access-recording.ts';
import { AccessWorkload } from '../../../support/access-workload.ts';
import { ofRole } from '../../../support/changed-policy.ts';
import { type Policies, policiesIn } from '../../../support/iam-policies.ts';
import type { AccessRequest } from '../../../support/iam-requests.ts';
import { compare, type Findings } from '../../../support/least-privilege.ts';
import { filesHolding } from '../../../support/secret-search.ts';

const apiKey = 'pb2b_live_planted4f1d9c80aa21';
const clean: Pick<Findings, 'refused' | 'idle'> = { refused: [], idle: [] };
const folder = mkdtempSync(join(tmpdir(), 'least-privilege-'));
const fullAssembly = join(folder, 'full');
let workload: AccessWorkload;
let recording: AccessRecording;
let full: Policies;

beforeAll(async () => {
  const kmsKeyArn = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555';
  prospectLakeApp([{ ...fullConfig, kmsKeyArn }], { outdir: fullAssembly }).synth();
  full = await policiesIn(fullAssembly);
  workload = await AccessWorkload.start(apiKey, fullAssembly);
  recording = await workload.run();
}, 590_000);
afterAll(async () => {
  await workload.end();
  rmSync(folder, { recursive: true });
});

function requestsOf({ targets }: Policies, ...done: Done[]): AccessRequest[] {
  const fired = (principal: string): AccessRequest => {
    const resource = targets.get(principal) ?? `no target of the schedule ${principal}`;
    return { principal, action: 'lambda:InvokeFunction', resource, context: {} };
  };
  return done.flatMap(({ requests, schedules }) => [...requests, ...schedules.map(fired)]);
}

const findingsIn = (policies: Policies) =>
  compare(policies, requestsOf(policies, recording.plain, recording.full), exceptions);

/** Findings for a changed template of the pipeline stack. */
async function findingsWith(change: (template: string) => string): Promise<Findings> {
  const file = readdirSync(fullAssembly).find((name) => /Pipeline.*\.template\.json$/.test(name));
  const path = join(fullAssembly, file ?? '');
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
  try {
    return findingsIn(await policiesIn(fullAssembly));
  } finally {
    writeFileSync(path, before);
  }
}

describe('the policies', () => {
  it('of a plain deployment allow each call of its functions', async () => {
    const policies = await policiesIn(await currentAssembly());
    expect(compare(policies, requestsOf(policies, recording.plain), exceptions)).toMatchObject(clean);
  });

  it('of a deployment with every option and a customer’s key allow all its calls', () => {
    expect(findingsIn(full)).toMatchObject(clean);
  });

  it('allow nothing else, but for cases that this workload does not play', () => {
    const isPlayed = (permission: string) => {
      const [principal = '', action = '', ...resource] = permission.split(' ');
      return !unplayed.some(
        (row) =>
          (row.principal ?? /./).test(principal) && row.action.test(action) && row.resource.test(resource.join(' ')),
      );
    };
    expect(findingsIn(full).unneeded.filter(isPlayed)).toEqual([]);
  });

  it('were exercised by every function and every schedule, in many calls', () => {
    const principals = new Set(requestsOf(full, recording.plain, recording.full).map(({ principal }) => principal));
    const withPermissions = full.statements.filter(({ principal }) => !/[*.]/.test(principal));
    expect(principals).toEqual(new Set(withPermissions.map(({ principal }) => principal)));
    expect(recording.plain.requests.length).toBeGreaterThan(500);
  });

  it('refuse everything over plain HTTP', () => {
    const [put] = recording.plain.requests.filter(({ action }) => action === 's3:PutObject');
    const [send] = recording.plain.requests.filter(({ action }) => action === 'sqs:SendMessage');
    for (const request of [put, send]) {
      const overHttp = {
        ...(request as AccessRequest),
        context: { 'aws:SecureTransport': 'false', 's3:TlsVersion': '0' },
      };
      expect(compare(full, [overHttp], exceptions).refused).toHaveLength(1);
    }
  });
});

describe('a template', () => {
  it('that lacks a permission is detected, with the function, the action and the resource', async () => {
    const lessPuts = ofRole('ConvertRole', (statements) =>
      statements.filter((statement) => !JSON.stringify(statement).includes('s3:PutObject')),
    );
    const { refused } = await findingsWith(lessPuts);
    expect(refused).not.toEqual([]);
    for (const one of refused)
      expect(one).toMatch(/^convert s3:PutObject arn:aws:s3:::prospect-lake-main-[^/]*\/(lake|runs)\/\S+$/);
  });

  it('that lacks the key for a queue is detected', async () => {
    const lessKey = ofRole('WebhookRole', (statements) =>
      statements.filter((statement) => !JSON.stringify(statement).includes('kms:')),
    );
    expect((await findingsWith(lessKey)).refused).toEqual([
      expect.stringMatching(/^webhook kms:Decrypt arn:aws:kms:/),
      expect.stringMatching(/^webhook kms:GenerateDataKey arn:aws:kms:/),
    ]);
  });

  it('that allows one action too many is detected', async () => {
    const more = ofRole('WebhookRole', (statements) => [
      ...statements,
      { Effect: 'Allow', Action: 'sqs:PurgeQueue', Resource: 'arn:aws:sqs:us-east-1:000000000000:extract' },
    ]);
    expect((await findingsWith(more)).unneeded).toContainEqual(
      expect.stringMatching(/^webhook sqs:PurgeQueue arn:aws:sqs:\S*:extract$/),
    );
  });

  it('that allows an action on one resource too many is detected', async () => {
    const more = ofRole('PlanRole', (statements) => [
      ...statements,
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::prospect-lake-main-000000000000-us-east-1/lake/*',
      },
    ]);
    expect((await findingsWith(more)).unneeded).toContainEqual(
      expect.stringMatching(/^plan s3:GetObject \S*\/lake\/\*$/),
    );
  });
});

describe('the secrets of the workspace', () => {
  let secrets: string[];
  beforeAll(async () => {
    const { cloud } = workload.world;
    const valueOf = async (name: string) => {
      const SecretId = cloud.secretArn(name);
      return (await cloud.clients().secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '';
    };
    const webhook = webhookSecret.parse(JSON.parse(await valueOf('webhook')));
    secrets = [await valueOf('api-key'), webhook.current, await valueOf('hash-key')];
  });
  const isSecretIn = (text: string) => secrets.some((secret) => text.includes(secret));

  it('are the planted ones, or cannot be guessed', () => {
    expect(secrets).toEqual([apiKey, expect.stringMatching(/^whsec_.{10,}$/), expect.stringMatching(/^\w{64}$/)]);
  });

  it('are in no object of the lake, raw answer, plan, receipt, report, message or log', async () => {
    const { out } = workload.world;
    const [api = '', webhook = '', hash = ''] = secrets;
    const { searched, holding } = await filesHolding(out, [api, webhook]);
    expect(holding).toEqual([]);
    // The file in which the embedded cloud's Secrets Manager keeps the secrets that it generated.
    const keeper = (file: string) => file.startsWith('.cloud/state.sqlite');
    expect((await filesHolding(out, [hash], keeper)).holding).toEqual([]);
    for (const place of [/^lake\/.*parquet$/, /^raw\/.*gz$/, /^runs\/.*report/, /^state\//, /^\.cloud\/logs\/extract/])
      expect(searched.filter((file) => place.test(file))).not.toEqual([]);
    // Proves that the search works.
    const [lead] = [...workload.simulator.expectedRows('leads')];
    const kinds = (await filesHolding(out, [String(lead?.['id'])])).holding.map((file) => file.split('.').at(-1));
    expect(new Set(kinds)).toEqual(expect.objectContaining(new Set(['gz', 'parquet'])));
  });

  it('are in no log line, event, summary or error', async () => {
    const { cloud, lines, out } = workload.world;
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter(({ line }) => isSecretIn(line))).toEqual([]);
    expect(isSecretIn(JSON.stringify(cloud.events))).toBe(false);
    const runs = readdirSync(join(out, 'runs')).map((run) => join(out, 'runs', run, 'report.json'));
    const reports = runs.filter(existsSync).map((file) => runReport.parse(JSON.parse(readFileSync(file, 'utf8'))));
    expect(new Set(reports.map(({ status }) => status))).toEqual(new Set(['complete', 'failed']));
    const shown = { out: 'out', terminal: pipe, allTables: true };
    expect(reports.map((report) => summaryOf(report, shown)).filter(isSecretIn)).toEqual([]);
    for (const name of ['plan', 'register', 'export']) {
      const failed = await cloud.invoke(name, {}).then(() => '', String);
      expect(failed).toMatch(/failed with/);
      expect(isSecretIn(failed)).toBe(false);
    }
  });

  it('are in no deployed template, environment or bundle', async () => {
    const { searched, holding } = await filesHolding(await currentAssembly(), secrets);
    expect(holding).toEqual([]);
    expect(searched.filter((file) => file.endsWith('.template.json'))).toHaveLength(2);
    expect(searched.filter((file) => file.endsWith('index.mjs')).length).toBeGreaterThan(1);
  });
});
