import { Annotations, Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { refuseElsewhere } from './refuse-elsewhere.ts';

/** Account and region of a workspace. */
interface Place {
  readonly account: string;
  readonly region: string;
}

/** Id of the warning about a key whose policy the app cannot change. */
export const keyPolicyWarning = 'prospect-lake:key-policy';

const unchangedPolicy = `kmsKeyArn names a key that this app does not make, so its policy was not changed. It has to let CloudWatch Logs, CloudWatch and EventBridge use the key. Otherwise the deployment fails at its first log group, or nobody is told of an alarm. If a CDK app makes the key, add there:

  import { allowServices } from 'prospect-lake';
  allowServices(key, { account: '<account>', region: '<region>' }); // those of the workspace

Otherwise add the statements of docs/encryption.md to its policy; npx prospect-lake doctor says which are missing. Then turn this warning off:

  Annotations.of(lake).acknowledgeWarning('${keyPolicyWarning}');`;

/**
 * Lets the three AWS services that use the key of a workspace in their own name do so: CloudWatch Logs, CloudWatch and
 * EventBridge. `ProspectLake` does this for a key that is made in its app.
 * @param place account and region of the workspace. @default those of the stack of the key
 * @returns whether the policy of the key has the statements: an imported key has a policy that cannot be changed
 */
export function allowServices(key: IKey, place: Place = Stack.of(key)): boolean {
  return statementsFor(place).every((statement) => key.addToResourcePolicy(statement).statementAdded);
}

/**
 * Changes the policy of the key with this ARN if the app makes that key; otherwise warns that somebody has to.
 * @throws ConfigError if the app makes the key somewhere else
 */
export function allowServicesOrWarn(data: Stack, workspace: string, keyArn: string): void {
  const key = data.node.root.node.findAll().find((each) => each instanceof Key && each.keyArn === keyArn);
  if (key instanceof Key) refuseElsewhere(data, `workspace '${workspace}': kmsKeyArn: has to be a key`, key);
  if (key instanceof Key && allowServices(key, data)) return;
  Annotations.of(data).addWarningV2(keyPolicyWarning, unchangedPolicy);
}

/** What docs/encryption.md says after its first statement, which the CDK gives each key that it makes. */
function statementsFor({ account, region }: Place): PolicyStatement[] {
  const sending = ['kms:Decrypt', 'kms:GenerateDataKey*'];
  return [
    allow(
      `logs.${region}.amazonaws.com`,
      ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${Aws.PARTITION}:logs:${region}:${account}:log-group:*` },
      },
    ),
    allow('cloudwatch.amazonaws.com', sending, { StringEquals: { 'aws:SourceAccount': account } }),
    allow('events.amazonaws.com', sending),
  ];
}

function allow(service: string, actions: string[], conditions: Record<string, object> = {}): PolicyStatement {
  return new PolicyStatement({ principals: [new ServicePrincipal(service)], actions, resources: ['*'], conditions });
}
