/**
 * Names in an AWS account that people and policies refer to. They are fixed because CloudFormation truncates generated
 * names, so a policy could not predict how much of a workspace's name remains. Roles keep generated names, since role
 * names are shared by all regions of an account; they are found by their path.
 */

import { stackNames } from '../../lambdas/contract/outputs.ts';

/** Names of the schedules. */
export type ScheduleName = 'nightly' | 'exports' | 'reconciliation' | 'watch';

export const functionName = (workspace: string, name: string): string => `prospect-lake-${workspace}-${name}`;
export const scheduleName = (workspace: string, name: ScheduleName): string => `prospect-lake-${workspace}-${name}`;
export const rolePath = (workspace: string): string => `/prospect-lake/${workspace}/`;
export const workgroupName = (workspace: string): string => `prospect-lake-${workspace}`;
export const modelsWorkgroupName = (workspace: string): string => `${workgroupName(workspace)}-models`;
export const databaseName = (workspace: string): string => `prospect_lake_${workspace.replaceAll('-', '_')}`;
export const modelsDatabaseName = (workspace: string): string => `${databaseName(workspace)}_models`;

/**
 * Bucket for the access log of the lake's bucket. With the longest workspace and region it has the maximum length of a
 * bucket name.
 */
export function accessLogBucketName(workspace: string, account: string, region: string): string {
  return `prospect-logs-${workspace}-${account}-${region}`;
}

/** @param account @param region of the stack, or placeholders in a template or policy */
export function lakeBucketName(workspace: string, account: string, region: string): string {
  return `prospect-lake-${workspace}-${account}-${region}`;
}

/**
 * Matches the name of every queue of the workspace, and none of another workspace. Queues have generated names: SQS
 * refuses a new queue with the name of one deleted within the last minute, so an immediate second deployment would
 * fail. CloudFormation truncates generated names, but keeps at least the stack's name up to the P of `Pipeline`; a test
 * checks this rule. A workspace's name has no capital letters, so the P marks its end.
 */
export function queuePattern(workspace: string): string {
  return `${stackNames(workspace).pipeline.slice(0, -'ipeline'.length)}*`;
}
