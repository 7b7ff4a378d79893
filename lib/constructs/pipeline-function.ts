import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type FunctionName, metricsNamespace, serviceName } from '../../lambdas/contract/environment.ts';
import { acknowledge } from '../access/acknowledge.ts';
import { functionName, rolePath } from '../config/names.ts';

export interface PipelineFunctionProps {
  readonly workspace: string;
  readonly name: FunctionName;
  readonly description: string;
  readonly code: Code;
  /** Memory in MiB. */
  readonly memorySize: number;
  readonly timeout: Duration;
  /** Exactly the variables that the handler parses. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logRetention: RetentionDays;
  /** KMS key that encrypts the log. @default CloudWatch's own key */
  readonly encryptionKey: IKey | undefined;
  /**
   * True if the function sends messages to its own queue. By default Lambda treats such a chain of messages as a
   * runaway loop and drops the message after about sixteen rounds. With `true` it does not; the code has to limit the
   * chain.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
   */
  readonly callsItself: boolean;
}

/**
 * A function with its own role and log group. The role may write to that log group; all other permissions are added to
 * `role`.
 */
export class PipelineFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'LogGroup', {
      retention: props.logRetention,
      ...(props.encryptionKey ? { encryptionKey: props.encryptionKey } : {}),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      path: rolePath(props.workspace),
    });
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.logGroup.logGroupArn],
      }),
    );
    this.function = new LambdaFunction(this, 'Function', {
      functionName: functionName(props.workspace, props.name),
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: props.code,
      memorySize: props.memorySize,
      timeout: props.timeout,
      role: this.role,
      logGroup: this.logGroup,
      recursiveLoop: props.callsItself ? RecursiveLoop.ALLOW : RecursiveLoop.TERMINATE,
      loggingFormat: LoggingFormat.JSON,
      environment: {
        ...props.environment,
        POWERTOOLS_SERVICE_NAME: serviceName,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
        LOG_LEVEL: 'INFO',
        // Without the limit, V8's young generation grows with the length of an invocation: extract peaked at 317 MiB
        // for 400,000 leads, and peaks at 196 with it.
        NODE_OPTIONS: '--enable-source-maps --max-semi-space-size=8',
        // Freed buffers go back to the system at once, also those of 64 KB in which bodies arrive: without it, some 50 MiB
        // of publish are free memory between used.
        MALLOC_ARENA_MAX: '1',
        MALLOC_MMAP_THRESHOLD_: '32768',
      },
    });
    acknowledge(
      this.function,
      'Serverless-LambdaDLQ',
      'Functions that a schedule invokes have an on-failure destination. Functions that a queue invokes have the queue’s dead-letter queue. The callers of the others get the error.',
    );
    acknowledge(
      this.function,
      'Serverless-LambdaTracing',
      'A run lasts hours and uses delayed messages, which X-Ray traces do not follow. The ids of run and task in each log line and row do. X-Ray would need a permission on all resources.',
    );
  }
}
