import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * `npm run synth`: the templates, with the CLI of the CDK. That asks this machine for an AWS account, though
 * none is needed; where nobody answers at the address of the instance metadata, it would wait for half a minute.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = fileURLToPath(new URL('../node_modules/aws-cdk/bin/cdk', import.meta.url));

process.stdout.write('Making and checking the templates …\n');
const { status } = spawnSync(process.execPath, [cli, 'synth', '--strict', '--quiet', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' },
});
process.exitCode = status ?? 1;
