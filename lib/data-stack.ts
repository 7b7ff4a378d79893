import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { secretName } from '../lambdas/contract/outputs.ts';
import { AthenaWorkgroup } from './constructs/athena-workgroup.ts';
import { EmptySecret } from './constructs/empty-secret.ts';
import { GlueTables } from './constructs/glue-tables.ts';
import { HashKey } from './constructs/hash-key.ts';
import { LakeBucket } from './constructs/lake-bucket.ts';
import { ModelsDatabase } from './constructs/models-database.ts';
import { SavedQueries } from './constructs/saved-queries.ts';
import { lakeTablesOf } from './lake-tables.ts';
import { workgroupName } from './config/names.ts';
import { queriesOf } from './config/own-queries.ts';
import { queryResultsPrefix } from '../lambdas/contract/query-prefixes.ts';
import type { WorkspaceConfig } from './config/workspace-config.ts';

export interface DataStackProps extends StackProps {
  readonly config: WorkspaceConfig;
}

/** The stack that holds data: the bucket, the secrets, and the tables over the bucket. Protected from deletion. */
export class DataStack extends Stack {
  /** Holds the tables, the stored answers of the API, the state of the pipeline and the results of queries. */
  readonly bucket: IBucket;
  /** Holds the key of the API, as plain text. A deployment leaves it empty: a person puts the key there. */
  readonly apiKey: ISecret;
  /** Holds the signing secrets of the webhook. Only the register function writes it. */
  readonly webhookSecret: ISecret;
  /** Key for hashing personal data; undefined if nothing is hashed. */
  readonly hashKey: ISecret | undefined;
  /** The key of `kmsKeyArn`; undefined if the configuration names none. */
  readonly encryptionKey: IKey | undefined;
  /** Name of the Glue database. */
  readonly databaseName: string;

  constructor(scope: Construct, id: string, { config, ...props }: DataStackProps) {
    const retain = config.removalPolicy === 'retain';
    super(scope, id, { ...props, terminationProtection: retain });
    // A first deployment that fails still removes what it created, so that it can be repeated.
    const removalPolicy = retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
    this.encryptionKey = config.kmsKeyArn ? Key.fromKeyArn(this, 'Key', config.kmsKeyArn) : undefined;
    const shared = { workspace: config.name, encryptionKey: this.encryptionKey, removalPolicy };

    this.bucket = new LakeBucket(this, 'Lake', {
      ...shared,
      rawDays: config.retention.rawDays,
      runDays: config.retention.runDays,
      historyDays: config.retention.historyDays,
      accessLogDays: config.retention.logDays,
    }).bucket;
    this.apiKey = new EmptySecret(this, 'ApiKey', {
      ...shared,
      secretName: secretName(config.name, 'api-key'),
      description: `API key of the ProspectB2B workspace '${config.name}', as plain text (pb2b_live_…).`,
      notRotated: 'The API cannot rotate a key: a person creates a new key and puts it here.',
    }).secret;
    this.webhookSecret = new EmptySecret(this, 'Webhook', {
      ...shared,
      secretName: secretName(config.name, 'webhook'),
      description: `Webhook endpoint of the ProspectB2B workspace '${config.name}' and its signing secrets, as JSON.`,
      notRotated:
        'The register function rotates it on request, because a rotation creates a new endpoint at the vendor.',
    }).secret;
    this.hashKey = config.personalData.hash.length > 0 ? new HashKey(this, 'HashKey', shared).secret : undefined;
    const tables = new GlueTables(this, 'Tables', {
      ...shared,
      bucket: this.bucket,
      tables: lakeTablesOf(config.customColumns),
    });
    const { databaseName } = tables;
    this.databaseName = databaseName;
    const queried = { ...shared, bucket: this.bucket, scanLimitGiB: config.athenaScanLimitGiB };
    const { workgroup } = new AthenaWorkgroup(this, 'Athena', {
      ...queried,
      name: workgroupName(config.name),
      description: `Queries of the ProspectB2B workspace '${config.name}'.`,
      resultsPrefix: queryResultsPrefix,
      isEnforced: true,
    });
    new ModelsDatabase(this, 'Models', queried);

    new SavedQueries(this, 'Queries', { workgroup, databaseName, queries: queriesOf(config) });

    new CfnOutput(this, 'BucketName', { value: this.bucket.bucketName });
    new CfnOutput(this, 'ApiKeySecretArn', { value: this.apiKey.secretArn, description: 'Put the API key here.' });
    new CfnOutput(this, 'DatabaseName', { value: databaseName });
    new CfnOutput(this, 'WorkgroupName', { value: workgroupName(config.name) });
  }
}
