import type { RemovalPolicy } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

const bytesPerGiB = 1024 ** 3;

export interface AthenaWorkgroupProps {
  readonly name: string;
  readonly description: string;
  /** Receives the results of queries. */
  readonly bucket: IBucket;
  /** Prefix of the results in the bucket. */
  readonly resultsPrefix: string;
  /** True if results, and tables made with CREATE TABLE AS, cannot be written to another place. */
  readonly isEnforced: boolean;
  readonly scanLimitGiB: number;
  /** @default S3's own key */
  readonly encryptionKey: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/** A workgroup that limits the bytes each query scans and encrypts its results. */
export class AthenaWorkgroup extends Construct {
  readonly workgroup: CfnWorkGroup;

  constructor(scope: Construct, id: string, props: AthenaWorkgroupProps) {
    super(scope, id);
    const { bucket, resultsPrefix, scanLimitGiB, encryptionKey } = props;
    this.workgroup = new CfnWorkGroup(this, 'Workgroup', {
      name: props.name,
      description: props.description,
      // Deletes the workgroup's query history with it; otherwise AWS refuses to delete a workgroup that was used.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: props.isEnforced,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: scanLimitGiB * bytesPerGiB,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: bucket.s3UrlForObject(resultsPrefix),
          encryptionConfiguration: encryptionKey
            ? { encryptionOption: 'SSE_KMS', kmsKey: encryptionKey.keyArn }
            : { encryptionOption: 'SSE_S3' },
        },
      },
    });
    this.workgroup.applyRemovalPolicy(props.removalPolicy);
  }
}
