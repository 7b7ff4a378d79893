import { scheduleName } from '../lib/config/names.ts';
import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';

/** Where a workspace is in AWS. Unknown parts are wildcards, as IAM policies allow. */
export interface PolicyTarget {
  readonly workspace: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
  /** 12 digits, or 12 question marks for any account. */
  readonly account: string;
  /** A region, or `*` for any. */
  readonly region: string;
  /** ARN of the customer's KMS key, if there is one. */
  readonly kmsKeyArn: string | undefined;
  /** Where exports are read from, if somewhere. */
  readonly exportSource?: WorkspaceConfig['exports']['source'];
}

const anyAccount = '?'.repeat(12);

/**
 * Where a workspace is, by its configuration. Bucket names contain account and region. If these are unknown, the
 * policies' patterns also match the buckets of workspaces whose names begin with this name.
 */
export function policyTargetOf({
  name,
  account = anyAccount,
  region = '*',
  kmsKeyArn,
  exports,
}: Pick<WorkspaceConfig, 'name' | 'account' | 'region' | 'kmsKeyArn'> & {
  exports?: Pick<WorkspaceConfig['exports'], 'source'>;
}): PolicyTarget {
  return { workspace: name, partition: partitionOf(region), account, region, kmsKeyArn, exportSource: exports?.source };
}

/** The AWS partition of a region. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** ARN of a resource. Services without regions leave the region empty; S3 leaves the account empty too. */
export function arn(
  { partition, account, region }: PolicyTarget,
  service: string,
  resource: string,
  { isGlobal = false, hasAccount = true } = {},
): string {
  return `arn:${partition}:${service}:${isGlobal ? '' : region}:${hasAccount ? account : ''}:${resource}`;
}

export const bucketArn = (target: PolicyTarget, bucket: string): string =>
  arn(target, 's3', bucket, { isGlobal: true, hasAccount: false });
/** ARNs of the schedules that `ops pause` stops: all but that of the watcher. */
export const pausedScheduleArns = (target: PolicyTarget): string[] =>
  (['nightly', 'exports', 'reconciliation'] as const).map((name) =>
    arn(target, 'scheduler', `schedule/default/${scheduleName(target.workspace, name)}`),
  );
/** ARN patterns of the roles and managed policies under a path. */
export const identityArns = (target: PolicyTarget, path: string): string[] =>
  ['role', 'policy'].map((kind) => arn(target, 'iam', `${kind}/${path}`, { isGlobal: true }));
export const roleArn = (target: PolicyTarget, role: string): string =>
  arn(target, 'iam', `role/${role}`, { isGlobal: true });
