/** Policies for people who deploy and uninstall, and for the role that CloudFormation uses. */

import { versionKey } from '../lambdas/contract/current-keys.ts';
import { secretName, stackNames } from '../lambdas/contract/outputs.ts';
import {
  accessLogBucketName,
  databaseName,
  functionName,
  lakeBucketName,
  modelsDatabaseName,
  modelsWorkgroupName,
  workgroupName,
} from '../lib/config/names.ts';
import { arn, bucketArn, identityArns, pausedScheduleArns, type PolicyTarget, roleArn } from './policy-target.ts';
import { allow, keyUse, type Policy, policy } from './policy.ts';

/**
 * For a person who deploys: may assume the roles that `cdk bootstrap` created, store the API key in its secret, read
 * the stack outputs and the columns of the tables, and start a run and see when its tables can be queried.
 */
export function deploy(target: PolicyTarget): Policy {
  const { workspace, account, region } = target;
  const bucket = lakeBucketName(workspace, account, region);
  return policy(
    allow('TakeTheRolesOfTheBootstrap', ['sts:AssumeRole'], [roleArn(target, 'cdk-hnb659fds-*')]),
    allow(
      'PutTheKeyIntoTheSecret',
      ['secretsmanager:DescribeSecret', 'secretsmanager:PutSecretValue'],
      [secretArn(target, 'api-key')],
    ),
    allow(
      'ReadTheOutputs',
      ['cloudformation:DescribeStacks'],
      ['CDKToolkit', ...Object.values(stackNames(workspace))].map((stack) => stackArn(target, stack)),
    ),
    allow(
      'BeginARunAndRotate',
      ['lambda:InvokeFunction'],
      ['plan', 'register'].map((name) => arn(target, 'lambda', `function:${functionName(workspace, name)}`)),
    ),
    allow('SeeWhetherItIsPaused', ['scheduler:GetSchedule'], pausedScheduleArns(target)),
    allow('SeeTheFirstRun', ['s3:GetObject'], [bucketArn(target, `${bucket}/state/*`)]),
    // They name columns and types. Other files beside them, the manifests, hold values of rows.
    allow('CompareTheColumns', ['s3:GetObject'], [bucketArn(target, `${bucket}/${versionKey('*', '*')}`)]),
    allow('SeeTheFirstTables', ['s3:ListBucket'], [bucketArn(target, bucket)]),
    ...keyUse(target, 'UseTheKeyOfTheSecret'),
  );
}

/**
 * For a person who uninstalls: may do what a deployer may, and delete what the stacks leave behind. This deletes all
 * data of the workspace.
 */
export function uninstall(target: PolicyTarget): Policy {
  const { workspace, account, region } = target;
  const buckets = [lakeBucketName(workspace, account, region), accessLogBucketName(workspace, account, region)];
  const databases = [databaseName(workspace), modelsDatabaseName(workspace)];
  return policy(
    allow('TakeTheRolesOfTheBootstrap', ['sts:AssumeRole'], [roleArn(target, 'cdk-hnb659fds-*')]),
    allow(
      'EndTheProtection',
      ['cloudformation:DescribeStacks', 'cloudformation:UpdateTerminationProtection'],
      Object.values(stackNames(workspace)).map((stack) => stackArn(target, stack)),
    ),
    allow(
      'DeleteTheBuckets',
      ['s3:DeleteBucket', 's3:GetBucketVersioning', 's3:ListBucket', 's3:ListBucketVersions'],
      buckets.map((bucket) => bucketArn(target, bucket)),
    ),
    allow(
      'DeleteTheObjects',
      ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      buckets.map((bucket) => bucketArn(target, `${bucket}/*`)),
    ),
    allow(
      'DeleteTheSecrets',
      ['secretsmanager:DeleteSecret', 'secretsmanager:DescribeSecret'],
      (['api-key', 'webhook', 'hash-key'] as const).map((name) => secretArn(target, name)),
    ),
    // For deleting a database, Glue requires all of these (source: iam-data, glue:DeleteDatabase).
    allow(
      'DeleteTheTables',
      ['glue:BatchDeleteTable', 'glue:DeleteDatabase', 'glue:DeleteTable', 'glue:GetDatabase', 'glue:GetTables'],
      [
        arn(target, 'glue', 'catalog'),
        ...databases.flatMap((database) =>
          [`database/${database}`, `table/${database}/*`, `userDefinedFunction/${database}/*`].map((resource) =>
            arn(target, 'glue', resource),
          ),
        ),
      ],
    ),
    allow(
      'DeleteTheWorkgroups',
      ['athena:DeleteWorkGroup', 'athena:GetWorkGroup'],
      [workgroupName(workspace), modelsWorkgroupName(workspace)].map((name) =>
        arn(target, 'athena', `workgroup/${name}`),
      ),
    ),
    ...keyUse(target, 'ReadWhatTheKeyEncrypts'),
  );
}

/** Resources of a `Notices` stack are named after the stack, and docs/notices.md says how its name has to begin. */
const noticesStack = 'ProspectLake-*';

/** The role with which CloudFormation creates the stacks of all workspaces of an account. */
export function execution(target: PolicyTarget): Policy {
  // Your key may be one of another account.
  const keys = [...new Set([arn(target, 'kms', 'key/*'), ...(target.kmsKeyArn ? [target.kmsKeyArn] : [])])];
  return policy(
    allow('Buckets', ['s3:*'], [bucketArn(target, 'prospect-lake-*'), bucketArn(target, 'prospect-logs-*')]),
    allow('Bundles', ['s3:GetObject'], [bucketArn(target, 'cdk-hnb659fds-assets-*')]),
    allow(
      'VersionOfTheBootstrap',
      ['ssm:GetParameters'],
      [arn(target, 'ssm', 'parameter/cdk-bootstrap/hnb659fds/version')],
    ),
    // EventBridge makes the secret of a connection in the name of whoever creates the connection.
    allow(
      'Secrets',
      ['secretsmanager:*'],
      ['prospect-lake/*', `events!connection/${noticesStack}`].map((name) =>
        arn(target, 'secretsmanager', `secret:${name}`),
      ),
    ),
    allow('HashKeyAtRandom', ['secretsmanager:GetRandomPassword'], ['*']),
    allow('Queues', ['sqs:*'], [arn(target, 'sqs', 'ProspectLake-*')]),
    allow('Functions', ['lambda:*'], [arn(target, 'lambda', 'function:prospect-lake-*')]),
    allow('RolesAndPoliciesOfTheStacksAlone', ['iam:*'], identityArns(target, 'prospect-lake/*')),
    allow(
      'AlarmsAndNotices',
      ['cloudwatch:*', 'events:*', 'sns:*'],
      [
        arn(target, 'cloudwatch', 'alarm:prospect-lake-*'),
        arn(target, 'cloudwatch', 'dashboard/prospect-lake-*', { isGlobal: true }),
        arn(target, 'events', 'rule/prospect-lake-*'),
        arn(target, 'sns', 'ProspectLake-*'),
        arn(target, 'cloudwatch', `alarm:${noticesStack}`),
        ...['rule', 'connection', 'api-destination'].map((kind) => arn(target, 'events', `${kind}/${noticesStack}`)),
      ],
    ),
    allow(
      'Tables',
      ['glue:*', 'athena:*'],
      [
        arn(target, 'glue', 'catalog'),
        arn(target, 'glue', 'database/prospect_lake_*'),
        arn(target, 'glue', 'table/prospect_lake_*'),
        arn(target, 'glue', 'userDefinedFunction/prospect_lake_*'),
        arn(target, 'athena', 'workgroup/prospect-lake-*'),
      ],
    ),
    allow('Schedules', ['scheduler:*'], [arn(target, 'scheduler', 'schedule/default/prospect-lake-*')]),
    allow(
      'Logs',
      ['logs:*'],
      ['ProspectLake-*', '/aws/vendedlogs/prospect-lake-*'].map((group) => arn(target, 'logs', `log-group:${group}`)),
    ),
    // The address of webhooks is an HTTP API. Its id is not known before.
    allow(
      'HttpApis',
      ['apigateway:DELETE', 'apigateway:GET', 'apigateway:PATCH', 'apigateway:POST', 'apigateway:PUT'],
      ['/apis', '/apis/*', '/tags/*'].map((path) => arn(target, 'apigateway', path, { hasAccount: false })),
    ),
    // The stacks create no key. This uses yours, and those of the bootstrap's bucket and of the Glue catalog.
    allow(
      'UseKeys',
      [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      keys,
    ),
    allow('LetServicesUseKeys', ['kms:CreateGrant'], keys, { Bool: { 'kms:GrantIsForAWSResource': 'true' } }),
    // API Gateway makes its role with the first HTTP API of an account, EventBridge with the first connection of Notices.
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/using-service-linked-roles-service-action-1.html
    allow('RolesOfServices', ['iam:CreateServiceLinkedRole'], [roleArn(target, 'aws-service-role/*')], {
      StringEquals: { 'iam:AWSServiceName': ['ops.apigateway.amazonaws.com', 'apidestinations.events.amazonaws.com'] },
    }),
    allow(
      'WhoseNamesAreNotKnownBefore',
      [
        // The access log of an HTTP API, see
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
        // CloudFormation lists log groups, and their index policies, when it creates one.
        'logs:DescribeIndexPolicies',
        'logs:DescribeLogGroups',
        // CloudFormation lists all alarms when it creates one.
        'cloudwatch:DescribeAlarms',
        'lambda:CreateEventSourceMapping',
        'lambda:DeleteEventSourceMapping',
        'lambda:GetEventSourceMapping',
        'lambda:ListTags',
        'lambda:TagResource',
        'lambda:UntagResource',
        'lambda:UpdateEventSourceMapping',
        // Lambda looks at the subnets and security groups of `vpc` in the name of whoever creates a function.
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcs',
        'cloudformation:DescribeStacks',
      ],
      ['*'],
    ),
  );
}

const secretArn = (target: PolicyTarget, name: 'api-key' | 'webhook' | 'hash-key') =>
  arn(target, 'secretsmanager', `secret:${secretName(target.workspace, name)}-??????`);
const stackArn = (target: PolicyTarget, stack: string) => arn(target, 'cloudformation', `stack/${stack}/*`);
