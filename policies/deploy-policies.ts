import { stackNames } from '../lambdas/contract/outputs.ts';
import {
  accessLogBucketName,
  databaseName,
  functionName,
  lakeBucketName,
  modelsDatabaseName,
  modelsWorkgroupName,
  secretName,
  workgroupName,
} from '../lib/config/names.ts';
import { arn, bucketArn, identityArns, type Place, roleArn } from './place.ts';
import { allow, keyUse, type Policy, policy } from './policy.ts';

/** Policies for people who deploy and uninstall, and for the role that CloudFormation uses. */

/**
 * For a person who deploys: assumes the roles of the bootstrap, stores the API key in its secret, reads the outputs,
 * starts a run.
 */
export function deploy(place: Place): Policy {
  const { workspace } = place;
  return policy(
    allow('TakeTheRolesOfTheBootstrap', ['sts:AssumeRole'], [roleArn(place, 'cdk-hnb659fds-*')]),
    allow(
      'PutTheKeyIntoTheSecret',
      ['secretsmanager:DescribeSecret', 'secretsmanager:PutSecretValue'],
      [secretArn(place, 'api-key')],
    ),
    allow(
      'ReadTheOutputs',
      ['cloudformation:DescribeStacks'],
      Object.values(stackNames(workspace)).map((stack) => stackArn(place, stack)),
    ),
    allow(
      'BeginARunAndRotate',
      ['lambda:InvokeFunction'],
      ['plan', 'register'].map((name) => arn(place, 'lambda', `function:${functionName(workspace, name)}`)),
    ),
    ...keyUse(place, 'UseTheKeyOfTheSecret'),
  );
}

/**
 * For a person who uninstalls: may do what a deployer may, and delete what the stacks leave behind. This deletes all
 * data of the workspace.
 */
export function uninstall(place: Place): Policy {
  const { workspace, account, region } = place;
  const buckets = [lakeBucketName(workspace, account, region), accessLogBucketName(workspace, account, region)];
  const databases = [databaseName(workspace), modelsDatabaseName(workspace)];
  return policy(
    allow('TakeTheRolesOfTheBootstrap', ['sts:AssumeRole'], [roleArn(place, 'cdk-hnb659fds-*')]),
    allow(
      'EndTheProtection',
      ['cloudformation:DescribeStacks', 'cloudformation:UpdateTerminationProtection'],
      Object.values(stackNames(workspace)).map((stack) => stackArn(place, stack)),
    ),
    allow(
      'DeleteTheBuckets',
      ['s3:DeleteBucket', 's3:GetBucketVersioning', 's3:ListBucket', 's3:ListBucketVersions'],
      buckets.map((bucket) => bucketArn(place, bucket)),
    ),
    allow(
      'DeleteTheObjects',
      ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      buckets.map((bucket) => bucketArn(place, `${bucket}/*`)),
    ),
    allow(
      'DeleteTheSecrets',
      ['secretsmanager:DeleteSecret', 'secretsmanager:DescribeSecret'],
      (['api-key', 'webhook', 'hash-key'] as const).map((name) => secretArn(place, name)),
    ),
    // Glue requires all of these for deleting a database: iam-data, glue:DeleteDatabase.
    allow(
      'DeleteTheTables',
      ['glue:BatchDeleteTable', 'glue:DeleteDatabase', 'glue:DeleteTable', 'glue:GetDatabase', 'glue:GetTables'],
      [
        arn(place, 'glue', 'catalog'),
        ...databases.flatMap((database) =>
          [`database/${database}`, `table/${database}/*`, `userDefinedFunction/${database}/*`].map((resource) =>
            arn(place, 'glue', resource),
          ),
        ),
      ],
    ),
    allow(
      'DeleteTheWorkgroups',
      ['athena:DeleteWorkGroup', 'athena:GetWorkGroup'],
      [workgroupName(workspace), modelsWorkgroupName(workspace)].map((name) =>
        arn(place, 'athena', `workgroup/${name}`),
      ),
    ),
    ...keyUse(place, 'ReadWhatTheKeyEncrypts'),
  );
}

/** The role with which CloudFormation creates the stacks of all workspaces of an account. */
export function execution(place: Place): Policy {
  return policy(
    allow('Buckets', ['s3:*'], [bucketArn(place, 'prospect-lake-*'), bucketArn(place, 'prospect-logs-*')]),
    allow('Bundles', ['s3:GetObject'], [bucketArn(place, 'cdk-hnb659fds-assets-*')]),
    allow(
      'VersionOfTheBootstrap',
      ['ssm:GetParameters'],
      [arn(place, 'ssm', 'parameter/cdk-bootstrap/hnb659fds/version')],
    ),
    allow('Secrets', ['secretsmanager:*'], [arn(place, 'secretsmanager', 'secret:prospect-lake/*')]),
    allow('HashKeyAtRandom', ['secretsmanager:GetRandomPassword'], ['*']),
    allow('Queues', ['sqs:*'], [arn(place, 'sqs', 'ProspectLake-*')]),
    allow('Functions', ['lambda:*'], [arn(place, 'lambda', 'function:prospect-lake-*')]),
    allow('RolesAndPoliciesOfTheStacksAlone', ['iam:*'], identityArns(place, 'prospect-lake/*')),
    allow(
      'AlarmsAndNotices',
      ['cloudwatch:*', 'events:*', 'sns:*'],
      [
        arn(place, 'cloudwatch', 'alarm:prospect-lake-*'),
        arn(place, 'cloudwatch', 'dashboard/prospect-lake-*', { isGlobal: true }),
        arn(place, 'events', 'rule/prospect-lake-*'),
        arn(place, 'sns', 'ProspectLake-*'),
      ],
    ),
    allow(
      'Tables',
      ['glue:*', 'athena:*'],
      [
        arn(place, 'glue', 'catalog'),
        arn(place, 'glue', 'database/prospect_lake_*'),
        arn(place, 'glue', 'table/prospect_lake_*'),
        arn(place, 'glue', 'userDefinedFunction/prospect_lake_*'),
        arn(place, 'athena', 'workgroup/prospect-lake-*'),
      ],
    ),
    allow('Schedules', ['scheduler:*'], [arn(place, 'scheduler', 'schedule/default/prospect-lake-*')]),
    allow(
      'WhoseNamesAreNotKnownBefore',
      [
        'apigateway:*',
        'kms:*',
        'logs:*',
        // CloudFormation lists all alarms when it creates one.
        'cloudwatch:DescribeAlarms',
        'lambda:CreateEventSourceMapping',
        'lambda:DeleteEventSourceMapping',
        'lambda:GetEventSourceMapping',
        'lambda:ListTags',
        'lambda:TagResource',
        'lambda:UntagResource',
        'lambda:UpdateEventSourceMapping',
        'iam:CreateServiceLinkedRole',
        'cloudformation:DescribeStacks',
      ],
      ['*'],
    ),
  );
}

const secretArn = (place: Place, name: 'api-key' | 'webhook' | 'hash-key') =>
  arn(place, 'secretsmanager', `secret:${secretName(place.workspace, name)}-??????`);
const stackArn = (place: Place, stack: string) => arn(place, 'cloudformation', `stack/${stack}/*`);
