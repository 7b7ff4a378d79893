import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';

/** Where in AWS a workspace stands, as its policies spell it. */
export interface Place {
  readonly workspace: string;
  readonly partition: 'aws' | 'aws-cn' | 'aws-us-gov';
  /** 12 digits, or 12 question marks: any account. */
  readonly account: string;
  /** Or `*`: any region. */
  readonly region: string;
  /** Of the customer. */
  readonly kmsKeyArn: string | undefined;
}

const anyAccount = '?'.repeat(12);

/** Names in S3 are made of account and region: without them its patterns match longer names of workspaces too. */
export function placeOf({
  name,
  account = anyAccount,
  region = '*',
  kmsKeyArn,
}: Pick<WorkspaceConfig, 'name' | 'account' | 'region' | 'kmsKeyArn'>): Place {
  return { workspace: name, partition: partitionOf(region), account, region, kmsKeyArn };
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionOf(region: string): Place['partition'] {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** ARN of something of the place; services without regions, and S3, leave parts empty. */
export function arn(
  { partition, account, region }: Place,
  service: string,
  resource: string,
  { isGlobal = false, hasAccount = true } = {},
): string {
  return `arn:${partition}:${service}:${isGlobal ? '' : region}:${hasAccount ? account : ''}:${resource}`;
}

export const bucketArn = (place: Place, bucket: string): string =>
  arn(place, 's3', bucket, { isGlobal: true, hasAccount: false });
export const roleArn = (place: Place, role: string): string => arn(place, 'iam', `role/${role}`, { isGlobal: true });
