import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Stack } from 'aws-cdk-lib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { prospectLakeApp } from '../../lib/app.ts';
import { addRules } from '../../lib/rules.ts';
import { fullConfig } from '../support/access-recording.ts';
import { workspaces } from '../../prospect-lake.config.ts';

const validation = z.object({
  pluginReports: z.array(z.object({ violations: z.array(z.object({ ruleName: z.string() })) })),
});

const vpc = { subnetIds: ['subnet-0a1b2c3d4e5f67890'], securityGroupIds: ['sg-0a1b2c3d4e5f67890'] };

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'app-'));
});
afterEach(() => {
  rmSync(outdir, { recursive: true });
});

function findings(): string[] {
  const report = validation.parse(JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')));
  return report.pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));
}

describe('the app', () => {
  // Loads the rules, which takes long on a busy machine.
  it('passes the rules of CloudFormation, AWS Solutions and serverless applications, plain and with every option', {
    timeout: 60_000,
  }, () => {
    prospectLakeApp([...workspaces, { ...fullConfig, name: 'chosen', alarmEmail: 'data@example.com', vpc }], {
      outdir,
      bundled: false,
      addRules,
    }).synth();
    expect(findings()).toEqual([]);
  });

  it('passes them with a known account, region and key, and with several workspaces', () => {
    const kmsKeyArn = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';
    const place = { account: '111122223333', region: 'eu-west-1' };
    const assembly = prospectLakeApp(
      [
        { name: 'sales', ...place, kmsKeyArn, retention: { historyDays: 90 } },
        { name: 'sales-eu', ...place, personalData: { hash: ['email'] } },
      ],
      { outdir, bundled: false, addRules },
    ).synth();
    expect(findings()).toEqual([]);
    expect(
      assembly.stacksRecursively.map((stack) => [stack.stackName, stack.terminationProtection ?? false]).toSorted(),
    ).toEqual([
      ['ProspectLake-sales-Data', true],
      ['ProspectLake-sales-Pipeline', false],
      ['ProspectLake-sales-eu-Data', true],
      ['ProspectLake-sales-eu-Pipeline', false],
    ]);
  });

  it('does not pass with a queue that loses failed messages', () => {
    const app = prospectLakeApp(workspaces, { outdir, bundled: false, addRules });
    new Queue(new Stack(app, 'Other'), 'Lossy', { enforceSSL: true });
    expect(() => app.synth()).toThrow('redrive');
    expect(findings()).toContain('Serverless-SQSRedrivePolicy');
  });

  it('does not pass with an unsafe bucket that somebody added', () => {
    const app = prospectLakeApp(workspaces, { outdir, bundled: false, addRules });
    new Bucket(new Stack(app, 'Other'), 'Open');
    expect(() => app.synth()).toThrow('server access logs');
    expect(findings()).toEqual(expect.arrayContaining(['AwsSolutions-S1', 'AwsSolutions-S10']));
  });
});
