/** Policies for people who query with Athena, or with dbt on Athena. */

import { prefixes } from '../lambdas/contract/object-keys.ts';
import {
  databaseName,
  lakeBucketName,
  modelsDatabaseName,
  modelsWorkgroupName,
  workgroupName,
} from '../lib/config/names.ts';
import { modelsPrefix, modelsResultsPrefix, queryResultsPrefix } from '../lambdas/contract/query-prefixes.ts';
import { arn, bucketArn, type PolicyTarget } from './policy-target.ts';
import { allow, keyUse, type Policy, policy, type Statement } from './policy.ts';

const readCatalog = [
  'glue:GetDatabase',
  'glue:GetDatabases',
  'glue:GetPartition',
  'glue:GetPartitions',
  'glue:GetTable',
  'glue:GetTables',
];
const writeCatalog = [
  'glue:BatchCreatePartition',
  'glue:BatchDeletePartition',
  'glue:BatchDeleteTable',
  'glue:BatchDeleteTableVersion',
  'glue:CreateTable',
  'glue:DeletePartition',
  'glue:DeleteTable',
  'glue:DeleteTableVersion',
  'glue:GetTableVersions',
  'glue:UpdatePartition',
  'glue:UpdateTable',
];
const writeObjects = ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'];

/**
 * For a person who queries: may use the workgroup and read the catalog and the tables, but not the API's stored answers
 * or the pipeline's state.
 */
export function analyst(target: PolicyTarget): Policy {
  return policy(
    ...asking(target, workgroupName(target.workspace), queryResultsPrefix),
    ...reading(target, readable),
    ...keyUse(target, 'UseTheKey'),
  );
}

/**
 * For a person who builds tables, for example with dbt: may query as an analyst does, and write below `models/`.
 */
export function modeler(target: PolicyTarget): Policy {
  const { workspace } = target;
  const database = modelsDatabaseName(workspace);
  return policy(
    ...asking(target, modelsWorkgroupName(workspace), modelsResultsPrefix),
    ...reading(target, [...readable, modelsPrefix]),
    allow('KeepModelsInTheCatalog', [...readCatalog, ...writeCatalog], catalogArns(target, database)),
    allow('KeepModels', [...writeObjects, 's3:DeleteObject'], [objects(target, modelsPrefix)]),
    ...keyUse(target, 'UseTheKey'),
  );
}

function asking(target: PolicyTarget, workgroup: string, results: string): Statement[] {
  return [
    allow(
      'AskInTheWorkgroup',
      [
        'athena:BatchGetNamedQuery',
        'athena:GetNamedQuery',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:GetQueryResultsStream',
        'athena:GetWorkGroup',
        'athena:ListNamedQueries',
        'athena:ListQueryExecutions',
        'athena:StartQueryExecution',
        'athena:StopQueryExecution',
      ],
      [arn(target, 'athena', `workgroup/${workgroup}`)],
    ),
    allow(
      'FindTheWorkgroup',
      [
        'athena:GetDataCatalog',
        'athena:GetDatabase',
        'athena:GetTableMetadata',
        'athena:ListDataCatalogs',
        'athena:ListDatabases',
        'athena:ListTableMetadata',
        'athena:ListWorkGroups',
      ],
      ['*'],
    ),
    allow('KeepTheResults', writeObjects, [objects(target, results)]),
  ];
}

/** @param listed prefixes whose names may be listed */
function reading(target: PolicyTarget, listed: readonly string[]): Statement[] {
  const { workspace } = target;
  return [
    // Athena checks the database `default` for each query, whatever database it reads:
    // https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
    allow('ReadTheCatalog', readCatalog, [
      ...catalogArns(target, databaseName(workspace)),
      arn(target, 'glue', 'database/default'),
    ]),
    allow(
      'ReadTheTables',
      ['s3:GetObject'],
      readable.map((prefix) => objects(target, prefix)),
    ),
    allow('FindTheBucket', ['s3:GetBucketLocation'], [bucketArn(target, bucketOf(target))]),
    allow('ListTheTables', ['s3:ListBucket'], [bucketArn(target, bucketOf(target))], {
      StringLike: { 's3:prefix': listed.map((prefix) => `${prefix}*`) },
    }),
  ];
}

const readable = [prefixes.lake, prefixes.current];

function catalogArns(target: PolicyTarget, database: string): string[] {
  return ['catalog', `database/${database}`, `table/${database}/*`].map((resource) => arn(target, 'glue', resource));
}

const bucketOf = ({ workspace, account, region }: PolicyTarget) => lakeBucketName(workspace, account, region);
const objects = (target: PolicyTarget, prefix: string) => bucketArn(target, `${bucketOf(target)}/${prefix}*`);
