import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { prefixes } from '../../lambdas/contract/object-keys.ts';
import { pipelineRuns } from '../../lambdas/contract/pipeline-tables.ts';
import { acknowledge } from '../access/acknowledge.ts';
import { lakeTables } from '../lake-tables.ts';
import { accessLogBucketName, lakeBucketName } from '../config/names.ts';
import { modelsResultsPrefix, queryResultsPrefix } from '../config/prefixes.ts';

export interface LakeBucketProps {
  readonly workspace: string;
  readonly rawDays: number;
  readonly runDays: number;
  /** Of every table to which files are only added, but for the record of runs. @default for ever */
  readonly historyDays: number | undefined;
  /** How long it is known who read what. */
  readonly accessLogDays: number;
  /** @default a key of S3's own */
  readonly encryptionKey: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

const queryResultDays = 7;
/** How long something overwritten or deleted by mistake can be brought back. */
const undoDays = 14;

/**
 * The bucket that holds everything, and a second one with the record of who read from it. The bucket keeps old versions
 * for two weeks: the history of a lead cannot be read from the API again, so a mistaken delete would be
 * final, and since tables are written once it costs next to nothing. Its name is fixed: were its logical
 * id ever changed, the deployment would fail rather than begin an empty one.
 */
export class LakeBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: LakeBucketProps) {
    super(scope, id);
    // Whatever the app's flags are: without this one CDK wants an ACL on the bucket of logs.
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
      // S3 delivers its logs to buckets under its own keys only.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [
        { id: 'expire', expiration: Duration.days(props.accessLogDays) },
        { id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    acknowledge(
      accessLogs,
      'AwsSolutions-S1',
      'It holds the access logs of the other bucket; logging access to these would never end.',
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
    // A bucket that outlives its stack keeps its guard.
    for (const { policy } of [accessLogs, this.bucket]) policy?.applyRemovalPolicy(props.removalPolicy);
  }
}

function expire(prefix: string, days: number): LifecycleRule {
  return { id: `expire-${prefix.split('/').join('-').replace(/-$/, '')}`, prefix, expiration: Duration.days(days) };
}

/** Files of history are written once, so that the day of a file is that of its rows. */
function historyRules(days: number | undefined): LifecycleRule[] {
  if (days === undefined) return [];
  const tables = lakeTables.filter(({ table }) => table.name !== pipelineRuns.name);
  return tables.map(({ table }) => expire(`${prefixes.lake}${table.name}/`, days));
}
