/**
 * Runs cfn-lint on the templates of two workspaces: one with all options, one with none. cfn-lint is not an npm
 * package: if it is not installed, this program says so and passes.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prospectLakeApp } from '../lib/app.ts';

const regions = ['us-east-1', 'eu-central-1', 'ap-southeast-2'];
/** W3005 reports a dependency that a reference already enforces. The CDK writes such dependencies. */
const ignored = ['W3005'];
const own = fileURLToPath(new URL('../.cache/cfn-lint/bin/cfn-lint', import.meta.url));

const command = [own, 'cfn-lint'].find(
  (one) => (one === own ? existsSync(one) : true) && spawnSync(one, ['--version'], { stdio: 'ignore' }).status === 0,
);
if (command === undefined) {
  process.stdout.write(
    'LEFT OUT: cfn-lint is not installed, so the templates are not held against it. Install it: pip install cfn-lint.\n',
  );
} else process.exitCode = lint(command);

function lint(program: string): number {
  const outdir = mkdtempSync(join(tmpdir(), 'cfn-lint-'));
  try {
    const kmsKeyArn = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
    const everything = {
      name: 'full',
      alarmEmail: 'data@example.com',
      dashboard: true,
      kmsKeyArn,
      exports: { source: { bucket: 'exports-of-the-vendor', prefix: 'in/' } },
      personalData: { hash: ['email'] },
      vpc: { subnetIds: ['subnet-0a1b2c3d4e5f67890'], securityGroupIds: ['sg-0a1b2c3d4e5f67890'] },
    };
    prospectLakeApp([{ name: 'main' }, everything], { outdir, bundled: false }).synth();
    const templates = join(outdir, '**', '*.template.json');
    const { status } = spawnSync(
      program,
      ['--ignore-checks', ...ignored, '--regions', ...regions, '--template', templates],
      { stdio: 'inherit' },
    );
    if (status === 0) process.stdout.write(`cfn-lint finds nothing, for ${regions.join(', ')}.\n`);
    return status ?? 1;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
