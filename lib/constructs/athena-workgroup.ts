import type { RemovalPolicy } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { queryResultsPrefix } from './lake-bucket.ts';

const bytesPerGiB = 1024 ** 3;

export interface AthenaWorkgroupProps {
  readonly workspace: string;
  /** Takes the results of queries. */
  readonly bucket: IBucket;
  readonly scanLimitGiB: number;
  /** @default S3's own key */
  readonly encryptionKey: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

export function athenaWorkgroupName(workspace: string): string {
  return `prospect-lake-${workspace}`;
}

/** A workgroup whose queries stop at a bound of bytes scanned and whose results are encrypted, whatever the client asks for. */
export class AthenaWorkgroup extends Construct {
  readonly workgroupName: string;
  readonly workgroup: CfnWorkGroup;

  constructor(scope: Construct, id: string, props: AthenaWorkgroupProps) {
    super(scope, id);
    const { workspace, bucket, scanLimitGiB, encryptionKey } = props;
    this.workgroupName = athenaWorkgroupName(workspace);
    this.workgroup = new CfnWorkGroup(this, 'Workgroup', {
      name: this.workgroupName,
      description: `Queries of the ProspectB2B workspace '${workspace}'.`,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: scanLimitGiB * bytesPerGiB,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: bucket.s3UrlForObject(queryResultsPrefix),
          encryptionConfiguration: encryptionKey
            ? { encryptionOption: 'SSE_KMS', kmsKey: encryptionKey.keyArn }
            : { encryptionOption: 'SSE_S3' },
        },
      },
    });
    this.workgroup.applyRemovalPolicy(props.removalPolicy);
  }
}
