import { stackNames } from '../../lambdas/contract/outputs.ts';

/**
 * Names in an AWS account that people and policies go by. Those that the templates give are fixed, because
 * CloudFormation cuts the ones that it makes up: a policy could not know what is left of a workspace's name. Roles keep
 * names of CloudFormation's own, since those of one account are shared by all regions; they are found by their path.
 */

/** Schedules by their names; the functions have those of the contract. */
export type ScheduleName = 'nightly' | 'exports' | 'reconciliation' | 'watch';

export const functionName = (workspace: string, name: string): string => `prospect-lake-${workspace}-${name}`;
export const scheduleName = (workspace: string, name: ScheduleName): string => `prospect-lake-${workspace}-${name}`;
export const rolePath = (workspace: string): string => `/prospect-lake/${workspace}/`;
export const workgroupName = (workspace: string): string => `prospect-lake-${workspace}`;
export const modelsWorkgroupName = (workspace: string): string => `${workgroupName(workspace)}-models`;
export const databaseName = (workspace: string): string => `prospect_lake_${workspace.replaceAll('-', '_')}`;
export const modelsDatabaseName = (workspace: string): string => `${databaseName(workspace)}_models`;
export const secretName = (workspace: string, name: 'api-key' | 'webhook' | 'hash-key'): string =>
  `prospect-lake/${workspace}/${name}`;

/** Of the record of who read the lake's bucket. As long as a name may be, with the longest workspace and region. */
export function accessLogBucketName(workspace: string, account: string, region: string): string {
  return `prospect-logs-${workspace}-${account}-${region}`;
}

/** @param account @param region of the stack, or what stands for them in a template or in a policy */
export function lakeBucketName(workspace: string, account: string, region: string): string {
  return `prospect-lake-${workspace}-${account}-${region}`;
}

/**
 * What every queue's name matches, and none of another workspace. SQS lets nobody make a queue of the same name within a
 * minute of its deletion, so that a deployment done again at once would fail: queues have names of CloudFormation's
 * own, which are so long that it cuts them. Of the name of the stack it leaves at least this much, which a test holds
 * against its rule; a workspace's name has no capital, so the P ends it.
 */
export function queuePattern(workspace: string): string {
  return `${stackNames(workspace).pipeline.slice(0, -'ipeline'.length)}*`;
}
