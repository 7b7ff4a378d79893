/**
 * The step `synth` of `npm run check`: makes the templates with the CDK CLI, and fails at a warning. The CLI looks for
 * an AWS account, although none is needed. Outside of EC2 it would wait half a minute for EC2's metadata service; the
 * setting below prevents that.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = fileURLToPath(new URL('../node_modules/aws-cdk/bin/cdk', import.meta.url));

process.stdout.write('Making and checking the templates …\n');
const { status } = spawnSync(process.execPath, [cli, 'synth', '--strict', '--quiet', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' },
});
process.exitCode = status ?? 1;
