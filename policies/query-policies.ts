import { prefixes } from '../lambdas/contract/object-keys.ts';
import {
  databaseName,
  lakeBucketName,
  modelsDatabaseName,
  modelsWorkgroupName,
  workgroupName,
} from '../lib/config/names.ts';
import { modelsPrefix, modelsResultsPrefix, queryResultsPrefix } from '../lib/config/prefixes.ts';
import { arn, bucketArn, type Place } from './place.ts';
import { allow, keyUse, type Policy, policy, type Statement } from './policy.ts';

/** Policies for people who query with Athena, or with dbt on Athena. */

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
 * For a person who queries: the workgroup, the catalog and the tables. Answers of the API and the pipeline's state are
 * not included.
 */
export function analyst(place: Place): Policy {
  return policy(
    ...asking(place, workgroupName(place.workspace), queryResultsPrefix),
    ...reading(place),
    ...keyUse(place, 'UseTheKey'),
  );
}

/**
 * For a person who builds tables, for example with dbt: may query as an analyst does, and write where the models are.
 */
export function modeler(place: Place): Policy {
  const { workspace } = place;
  const database = modelsDatabaseName(workspace);
  return policy(
    ...asking(place, modelsWorkgroupName(workspace), modelsResultsPrefix),
    ...reading(place),
    allow('KeepModelsInTheCatalog', [...readCatalog, ...writeCatalog], catalogArns(place, database)),
    allow('KeepModels', [...writeObjects, 's3:DeleteObject'], [objects(place, modelsPrefix)]),
    ...keyUse(place, 'UseTheKey'),
  );
}

function asking(place: Place, workgroup: string, results: string): Statement[] {
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
      [arn(place, 'athena', `workgroup/${workgroup}`)],
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
    allow('KeepTheResults', writeObjects, [objects(place, results)]),
  ];
}

function reading(place: Place): Statement[] {
  const { workspace } = place;
  return [
    // Athena checks the database `default` for each query, whatever database it reads:
    // https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
    allow('ReadTheCatalog', readCatalog, [
      ...catalogArns(place, databaseName(workspace)),
      arn(place, 'glue', 'database/default'),
    ]),
    allow(
      'ReadTheTables',
      ['s3:GetObject'],
      readable.map((prefix) => objects(place, prefix)),
    ),
    allow('ListTheTables', ['s3:GetBucketLocation', 's3:ListBucket'], [bucketArn(place, bucketOf(place))]),
  ];
}

const readable = [prefixes.lake, prefixes.current];

function catalogArns(place: Place, database: string): string[] {
  return ['catalog', `database/${database}`, `table/${database}/*`].map((resource) => arn(place, 'glue', resource));
}

const bucketOf = ({ workspace, account, region }: Place) => lakeBucketName(workspace, account, region);
const objects = (place: Place, prefix: string) => bucketArn(place, `${bucketOf(place)}/${prefix}*`);
