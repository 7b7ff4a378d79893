import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { prefixes } from '../../lambdas/contract/object-keys.ts';
import { pipelineRuns, schemaChanges } from '../../lambdas/contract/pipeline-tables.ts';
import { undoDays } from '../../lambdas/contract/retention.ts';
import { acknowledge } from '../access/acknowledge.ts';
import { lakeTables } from '../lake-tables.ts';
import { accessLogBucketName, lakeBucketName } from '../config/names.ts';
import { modelsResultsPrefix, queryResultsPrefix } from '../../lambdas/contract/query-prefixes.ts';

export interface LakeBucketProps {
  readonly workspace: string;
  readonly rawDays: number;
  readonly runDays: number;
  /** How long rows of append-only tables are kept; `pipeline_runs` and `schema_changes` are never deleted. @default for ever */
  readonly historyDays: number | undefined;
  /** How long the access logs are kept. */
  readonly accessLogDays: number;
  /** @default S3's own key */
  readonly encryptionKey: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

const queryResultDays = 7;

/**
 * The bucket that holds all data, and a second bucket for its access logs. The bucket keeps overwritten and deleted
 * objects for two weeks: the history of a lead cannot be read from the API again, so an accidental deletion would be
 * final. History files are written once, so old versions cost next to nothing. The bucket's name is fixed: if its
 * logical id ever changed, the deployment would fail instead of starting an empty bucket.
 */
export class LakeBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: LakeBucketProps) {
    super(scope, id);
    // Set here, whatever flags the app sets: without this flag CDK requires an ACL on the bucket of logs.
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    const { account, region } = Stack.of(this);
    const guarded = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: props.removalPolicy,
    };
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...guarded,
      bucketName: accessLogBucketName(props.workspace, account, region),
      // S3 delivers logs only to buckets that use S3's own keys.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [
        { id: 'expire', expiration: Duration.days(props.accessLogDays) },
        { id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    acknowledge(
      accessLogs,
      'AwsSolutions-S1',
      'It holds the access logs of the other bucket; logging access to these logs would never end.',
    );
    this.bucket = new Bucket(this, 'Bucket', {
      ...guarded,
      bucketName: lakeBucketName(props.workspace, account, region),
      ...(props.encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey: props.encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      lifecycleRules: [
        expire(prefixes.raw, props.rawDays),
        expire(prefixes.runs, props.runDays),
        expire(queryResultsPrefix, queryResultDays),
        expire(modelsResultsPrefix, queryResultDays),
        ...historyRules(props.historyDays),
        {
          id: 'forget-old-versions',
          noncurrentVersionExpiration: Duration.days(undoDays),
          expiredObjectDeleteMarker: true,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    // A bucket that outlives its stack keeps its policy.
    for (const { policy } of [accessLogs, this.bucket]) policy?.applyRemovalPolicy(props.removalPolicy);
  }
}

function expire(prefix: string, days: number): LifecycleRule {
  return { id: `expire-${prefix.split('/').join('-').replace(/-$/, '')}`, prefix, expiration: Duration.days(days) };
}

/** Files of the history are written once, so a file's age is the age of its rows. */
function historyRules(days: number | undefined): LifecycleRule[] {
  if (days === undefined) return [];
  const tables = lakeTables.filter(({ table }) => table !== pipelineRuns && table !== schemaChanges);
  return tables.map(({ table }) => expire(`${prefixes.lake}${table.name}/`, days));
}
