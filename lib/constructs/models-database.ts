import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { modelsDatabaseName, modelsWorkgroupName } from '../config/names.ts';
import { modelsPrefix, modelsResultsPrefix } from '../../lambdas/contract/query-prefixes.ts';
import { AthenaWorkgroup, type AthenaWorkgroupProps } from './athena-workgroup.ts';

export interface ModelsDatabaseProps extends Pick<AthenaWorkgroupProps, 'scanLimitGiB' | 'encryptionKey'> {
  readonly workspace: string;
  readonly bucket: IBucket;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A place for tables that people create: a database, and a workgroup in which the client chooses the location of a
 * table, as dbt does. In the workgroup for queries, a table would be stored with the results, which are deleted after
 * seven days.
 */
export class ModelsDatabase extends Construct {
  constructor(scope: Construct, id: string, props: ModelsDatabaseProps) {
    super(scope, id);
    const { workspace, bucket, removalPolicy } = props;
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Stack.of(this).account,
      databaseInput: {
        name: modelsDatabaseName(workspace),
        description: `Tables that users create from the tables of the ProspectB2B workspace '${workspace}'.`,
        locationUri: bucket.s3UrlForObject(modelsPrefix),
      },
    });
    database.applyRemovalPolicy(removalPolicy);
    new AthenaWorkgroup(this, 'Athena', {
      ...props,
      name: modelsWorkgroupName(workspace),
      description: `Creates tables from the tables of the ProspectB2B workspace '${workspace}'.`,
      resultsPrefix: modelsResultsPrefix,
      isEnforced: false,
    });
  }
}
