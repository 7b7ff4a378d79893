/** Examines the AWS account that the workspace is, or will be, deployed to. */

import { secretName, stackNames } from '../../lambdas/contract/outputs.ts';
import { accessLogBucketName, lakeBucketName } from '../../lib/config/names.ts';
import type { WorkspaceConfig } from '../../lib/config/workspace-config.ts';
import { accessAdvice, areCredentialsRefused, missingAccess, noAnswer } from '../../local/cli/cloud-access.ts';
import { type Finding, look, ok, skipped, unusable } from '../finding.ts';
import type { AwsCloud, Stack } from './cloud.ts';
import { lackingInPolicy } from './key-policy.ts';

/** Number of functions that run at the same time as the reading ones: convert, publish, refresh, webhook and others. */
const otherFunctions = 10;
/** Lowest version of `cdk bootstrap` that the CDK's modern synthesizer can deploy with. */
const leastBootstrap = 6;

/** @param open creates the clients; it throws if there is no region */
export async function examineAws(config: WorkspaceConfig, open: () => Promise<AwsCloud>): Promise<Finding[]> {
  let cloud: AwsCloud;
  let caller: Awaited<ReturnType<AwsCloud['caller']>>;
  try {
    cloud = await open();
    caller = await cloud.caller();
  } catch (error) {
    return [withoutAws(error)];
  }
  const { account } = caller;
  if (config.account !== undefined && config.account !== account)
    return [
      unusable(
        'account',
        `The credentials are of account ${account}, the configuration names ${config.account}.`,
        'Choose other credentials with AWS_PROFILE.',
      ),
    ];
  const place = { account, region: cloud.region };
  const checks = [
    ['bootstrap', checkBootstrap],
    ['quota', checkConcurrency],
    ['names', checkNames],
    ['kms key', checkKey],
  ] as const;
  const found = await Promise.all(
    checks.map(async ([area, check]) => check(config, cloud, place).catch((error: unknown) => [refusal(area, error)])),
  );
  return [ok('account', `${account}, region ${cloud.region}, as ${roleOf(caller.arn)}`), ...found.flat()];
}

type Place = { readonly account: string; readonly region: string };

async function checkBootstrap(_: WorkspaceConfig, cloud: AwsCloud, { account, region }: Place): Promise<Finding[]> {
  const stack = await cloud.stack('CDKToolkit');
  const todo = `npx cdk bootstrap aws://${account}/${region}`;
  if (!stack) return [look('bootstrap', 'The account is not prepared for CDK: there is no stack CDKToolkit.', todo)];
  const version = Number(stack.outputs.get('BootstrapVersion') ?? 0);
  return version >= leastBootstrap
    ? [ok('bootstrap', `CDKToolkit has version ${version}`)]
    : [look('bootstrap', `CDKToolkit has version ${version}; a deployment needs ${leastBootstrap}`, todo)];
}

async function checkConcurrency({ concurrency }: WorkspaceConfig, cloud: AwsCloud): Promise<Finding[]> {
  const { limit, unreserved } = await cloud.concurrency();
  const wanted = concurrency + otherFunctions;
  const says = `${unreserved} of ${limit} concurrent executions of Lambda are free to use`;
  return unreserved >= wanted
    ? [ok('quota', says)]
    : [
        look(
          'quota',
          `${says}; this workspace uses up to ${wanted}`,
          'Ask for more in Service Quotas: Lambda, concurrent executions. With less, functions wait for each other.',
        ),
      ];
}

async function checkNames({ name }: WorkspaceConfig, cloud: AwsCloud, { account, region }: Place): Promise<Finding[]> {
  const stacks = stackNames(name);
  const [data, pipeline] = await Promise.all([cloud.stack(stacks.data), cloud.stack(stacks.pipeline)]);
  const states = [stackFinding(stacks.data, data), stackFinding(stacks.pipeline, pipeline)];
  if (data) return states;
  const buckets = [lakeBucketName(name, account, region), accessLogBucketName(name, account, region)];
  const taken = await Promise.all(
    buckets.map(async (bucket): Promise<Finding[]> => {
      const state = await cloud.bucket(bucket);
      const todo =
        state === 'ours'
          ? 'An uninstalled workspace leaves its bucket. Empty and delete it, import it, or give the workspace another name.'
          : 'Give the workspace another name.';
      return state === 'free'
        ? []
        : [
            look(
              'names',
              `The bucket ${bucket} exists already${state === 'ours' ? '' : ' and is not readable'}.`,
              todo,
            ),
          ];
    }),
  );
  const secrets = await Promise.all(
    (['api-key', 'webhook', 'hash-key'] as const).map(async (each): Promise<Finding[]> => {
      const secret = secretName(name, each);
      const state = await cloud.secret(secret);
      return state === undefined
        ? []
        : [
            look(
              'names',
              `The secret ${secret} exists already${state === 'there' ? '' : ', marked for deletion'}.`,
              `Delete it: aws secretsmanager delete-secret --force-delete-without-recovery --secret-id ${secret}`,
            ),
          ];
    }),
  );
  const all = [...taken.flat(), ...secrets.flat()];
  return [...states, ...(all.length > 0 ? all : [ok('names', 'The names of buckets and secrets are free.')])];
}

function stackFinding(name: string, stack: Stack | undefined): Finding {
  if (!stack) return ok('stacks', `${name} is not deployed yet.`);
  if (/^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT)_COMPLETE$/.test(stack.status))
    return ok('stacks', `${name} is deployed (${stack.status}).`);
  return look(
    'stacks',
    `${name} is in the state ${stack.status}.`,
    'Look at its events in CloudFormation: aws cloudformation describe-stack-events.',
  );
}

async function checkKey({ kmsKeyArn }: WorkspaceConfig, cloud: AwsCloud, place: Place): Promise<Finding[]> {
  if (kmsKeyArn === undefined) return [];
  const area = 'kms key';
  if (kmsKeyArn.split(':')[3] !== place.region)
    return [
      unusable(
        area,
        `The key is of the region ${kmsKeyArn.split(':')[3]}, the deployment goes to ${place.region}.`,
        'Name a key of that region in kmsKeyArn.',
      ),
    ];
  const { isEnabled, isSymmetric, policy } = await cloud.key(kmsKeyArn);
  const lacking = lackingInPolicy(policy, place);
  const found = [
    ...(isEnabled
      ? []
      : [unusable(area, 'The key is not enabled.', 'Enable it: without it nothing can be read or written.')]),
    ...(isSymmetric ? [] : [unusable(area, 'The key is not symmetric.', 'Make a symmetric key for encryption.')]),
    ...(lacking.length === 0
      ? []
      : [look(area, `Its policy lacks ${lacking.join(', ')}.`, 'docs/encryption.md has the statements.')]),
  ];
  return found.length > 0
    ? found
    : [ok(area, 'is enabled, and its policy has the four statements of docs/encryption.md')];
}

/** The finding about an account that cannot be examined, for example without credentials. */
function withoutAws(error: unknown): Finding {
  const known = error instanceof Error ? error : new Error(String(error));
  const missing = missingAccess(known);
  if (missing)
    return skipped('aws', `no AWS ${missing}. To examine the account too, ${accessAdvice(missing, process.env)}`);
  if (areCredentialsRefused(known))
    return look(
      'aws',
      `AWS refuses the credentials (${known.name}).`,
      'Sign in again, for example with aws sso login.',
    );
  const { says, todo } = noAnswer(known);
  return look('aws', says, todo);
}

function refusal(area: string, error: unknown): Finding {
  const name = error instanceof Error ? error.name : String(error);
  return /AccessDenied|Unauthorized|Forbidden/i.test(name)
    ? skipped(area, `These credentials may not look at it (${name}).`)
    : look(area, `AWS answers ${name}.`, 'Try again; if it lasts, look at the AWS Health Dashboard.');
}

/** The role or user, without the name of the session, which may be a person's. */
function roleOf(arn: string): string {
  return (arn.split(':').at(-1) ?? arn).split('/').slice(0, 2).join('/');
}
