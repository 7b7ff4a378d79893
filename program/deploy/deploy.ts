import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import password from '@inquirer/password';
import { DescribeSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { diagnose } from '../../doctor/main.ts';
import { createAwsCloud } from '../../doctor/aws/cloud.ts';
import { createS3Store } from '../../lambdas/adapters/s3-store.ts';
import { prefixes } from '../../lambdas/contract/object-keys.ts';
import { ownAppOutput, secretName, stackNames } from '../../lambdas/contract/outputs.ts';
import { configFileName } from '../../lib/config/load-workspaces.ts';
import type { WorkspaceConfig } from '../../lib/config/workspace-config.ts';
import { personAgrees } from '../../local/cli/agreement.ts';
import { chosenConfig } from '../../local/cli/chosen-workspace.ts';
import { programCommand, typed } from '../../local/cli/command-names.ts';
import { path } from '../../local/cli/flag-values.ts';
import { checkApi } from '../../local/cli/preflight.ts';
import { accessAdvice, missingAccess } from '../../local/cli/cloud-access.ts';
import { createProgressDisplay } from '../../local/cli/progress-display.ts';
import { command } from '../../local/cli/run-command.ts';
import { keyVariable, parseBaseUrl, parseKey } from '../../local/cli/start-options.ts';
import { writeLine } from '../../local/cli/terminal.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { operate } from '../../ops/main.ts';
import { openTarget } from '../../ops/target.ts';
import { checkCustomColumns } from './check-custom-columns.ts';
import { deployWorkspace } from './deploy-workspace.ts';

const pollMilliseconds = 10_000;

const input = z.strictObject({
  workspace: z.string().optional(),
  apiKeyFile: path('--api-key-file').optional(),
  yes: z.boolean().default(false),
});

export const deploy = command({
  ...programCommand('deploy'),
  flags: {
    workspace: { value: '<name>', help: 'workspace of the configuration, if it has several' },
    'api-key-file': {
      value: '<file>',
      help: 'file that holds the key of the API; otherwise PROSPECTB2B_API_KEY, or you are asked',
    },
    yes: { help: 'deploy without asking' },
  },
  notes: [
    'Steps: the doctor (only before the first deployment), the data stack, the API key, the pipeline stack, the first run.',
    'Exit status: 0 if the workspace is deployed; 1 if you declined, the doctor found what prevents it, or a step failed; 2 if the arguments, the configuration or the AWS credentials cannot be used.',
    `The permissions that it needs: docs/deploy.md, section 2. ${typed('policies')} writes them as IAM policies.`,
  ],
  input,
  run,
});

/** Says what works without an AWS account, if the region or the credentials are missing. */
function withoutAccount(error: unknown): never {
  const missing = error instanceof Error ? missingAccess(error) : undefined;
  if (!missing) throw error;
  throw new UsageError(
    `No AWS ${missing}: ${accessAdvice(missing, process.env)} Without an account, npx prospect-lake start runs everything on this machine.`,
  );
}

async function run({ workspace, apiKeyFile, yes }: z.infer<typeof input>): Promise<number> {
  const config = await chosenConfig(workspace);
  const region = config.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  if (region !== undefined) process.env['AWS_REGION'] = region;
  const isTold = !yes && process.stdin.isTTY;
  const given = await givenKey(apiKeyFile);
  const keyFrom = apiKeyFile ?? keyVariable;
  const names = stackNames(config.name);
  const cloud = await createAwsCloud(region).catch(withoutAccount);
  const { account } = await cloud.caller().catch(withoutAccount);
  if (!yes && !isTold) throw new UsageError('Nobody can be asked here: say --yes to deploy.');
  // The doctor reads a page of every endpoint, so it runs once, and not again when a deployment is continued.
  const deployed = await cloud.stack(names.data);
  if (deployed?.outputs.has(ownAppOutput))
    throw new UsageError(
      `${names.data} was made by a CDK app of your own: deploy with cdk deploy of that app. This command reads only ${configFileName()}, and could take away the key or the VPC that the app gives.`,
      1,
    );
  if (!deployed && (await examined(config, given, keyFrom)) === 2)
    throw new UsageError('Nothing was deployed: mend what the doctor names, then deploy again.', 1);
  if (!(await cloud.stack('CDKToolkit')))
    throw new UsageError(
      `The account ${account} is not prepared for the CDK in ${cloud.region}. Type once: npx cdk bootstrap aws://${account}/${cloud.region}`,
      1,
    );
  const bucket = deployed?.outputs.get('BucketName');
  if (bucket !== undefined) await checkCustomColumns(createS3Store(bucket), config.customColumns);
  say(`Deploys workspace '${config.name}' to account ${account}, region ${cloud.region}, and starts its first run.`);
  if (isTold && !(await personAgrees())) return 1;

  const display = createProgressDisplay(process.stderr);
  const { createDeployer } = await import('./toolkit.ts');
  const deployer = await createDeployer(config, display);
  const secrets = new SecretsManagerClient();
  const SecretId = secretName(config.name, 'api-key');
  try {
    await deployWorkspace({
      names,
      status: async (stack) => (await cloud.stack(stack))?.status,
      deploy: (kind) => deployer.deploy(kind).finally(() => display.end()),
      hasKey: () =>
        // Looks for a version instead of reading the value: a secret that never had a value has no version.
        secrets
          .send(new DescribeSecretCommand({ SecretId }))
          .then(({ VersionIdsToStages = {} }) => Object.keys(VersionIdsToStages).length > 0),
      readKey: async () => {
        if (given !== undefined) return checkedKey(given, keyFrom, config);
        return checkedKey(isTold ? await askKey() : undefined, 'your input', config);
      },
      storeKey: async (key) => {
        await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: key }));
      },
      async startRun() {
        if ((await operate(['run', '--yes', '--workspace', config.name])) !== 0)
          throw new UsageError('The first run was not started. Type the same command again: it goes on here.', 1);
      },
      hasTables: () => hasTables(config),
      wait: () => wait(pollMilliseconds),
      say,
    });
  } finally {
    display.end();
    await deployer.close();
  }
  say(`How the run goes: ${typed(`ops status --workspace ${config.name}`)}`);
  say(`Query them in Athena, workgroup prospect-lake-${config.name}: docs/deploy.md, section 7.`);
  return 0;
}

/** Runs the doctor, with the key if it is known already. @returns its exit status */
const examined = ({ name }: WorkspaceConfig, apiKey: string | undefined, keyFrom: string) =>
  diagnose({ workspace: name, json: false, ...(apiKey === undefined ? {} : { apiKey }) }, keyFrom);

/** The key from the file or the environment. It is never an argument: other users of the machine could see it. */
async function givenKey(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return process.env[keyVariable];
  return readFile(file, 'utf8').catch(() => {
    throw new UsageError(`The file ${file} of --api-key-file cannot be read.`);
  });
}

async function askKey(): Promise<string> {
  return password({ message: 'Key of the ProspectB2B API (it is not shown):' });
}

async function checkedKey(text: string | undefined, from: string, { apiBaseUrl }: WorkspaceConfig): Promise<string> {
  if (text === undefined)
    throw new UsageError('The secret has no key of the API: give one in PROSPECTB2B_API_KEY or with --api-key-file.');
  const key = parseKey(text);
  await checkApi(parseBaseUrl(process.env['PROSPECTB2B_API_URL'] ?? apiBaseUrl), key, from);
  return key;
}

async function hasTables({ name }: WorkspaceConfig): Promise<boolean> {
  const { store } = await openTarget(name);
  for await (const { key } of store.list(prefixes.current)) if (key.endsWith('.metadata.json')) return true;
  return false;
}

const say = (text: string) => writeLine(process.stdout, text);
