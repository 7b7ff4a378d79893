import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { HttpApi, HttpMethod, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from '../access/acknowledge.ts';
import { functionName } from '../config/names.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export interface WebhookReceiverProps {
  readonly workspace: string;
  /** Verifies deliveries and queues them. */
  readonly receiver: PipelineFunction;
  /** Registers the webhook address with the vendor, through its API. */
  readonly register: PipelineFunction;
  readonly events: readonly string[];
  readonly logRetention: RetentionDays;
  /** KMS key that encrypts the access log. @default CloudWatch's own key */
  readonly encryptionKey: IKey | undefined;
}

/**
 * How long CloudFormation waits for the `register` function: longer than its timeout. By default CloudFormation waits
 * an hour if the function does not answer.
 */
const serviceTimeout = Duration.minutes(12);

const webhookPath = '/webhooks/prospectb2b';

/** Requests per second. Limits the cost of a flood of requests. */
const throttle = { rateLimit: 100, burstLimit: 200 };

/** Fields of a line in the access log. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTime(),
    ip: AccessLogField.contextIdentitySourceIp(),
    method: AccessLogField.contextHttpMethod(),
    path: AccessLogField.contextPath(),
    status: AccessLogField.contextStatus(),
    responseLength: AccessLogField.contextResponseLength(),
    error: AccessLogField.contextErrorMessage(),
  }),
);

/** The address that the vendor sends events to, and its registration with the vendor. */
export class WebhookReceiver extends Construct {
  readonly apiId: string;
  readonly url: string;
  readonly registerFunctionName: string;

  constructor(scope: Construct, id: string, props: WebhookReceiverProps) {
    super(scope, id);
    const { receiver, register, events, logRetention, encryptionKey } = props;
    const api = new HttpApi(this, 'Api', {
      description: 'Receives webhook deliveries of ProspectB2B.',
      createDefaultStage: false,
    });
    const [route] = api.addRoutes({
      path: webhookPath,
      methods: [HttpMethod.POST],
      integration: new HttpLambdaIntegration('Receiver', receiver.function),
    });
    if (route) {
      acknowledge(
        route,
        'AwsSolutions-APIG4',
        'A delivery is authorised by its signature, which the function verifies before it reads anything.',
      );
    }
    const accessLog = new LogGroup(this, 'AccessLog', {
      // Under this prefix AWS adds no statement to the account's resource policy for logs, which has little room:
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
      logGroupName: `/aws/vendedlogs/${functionName(props.workspace, 'webhook')}`,
      retention: logRetention,
      ...(encryptionKey ? { encryptionKey } : {}),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    api.addStage('Stage', {
      stageName: '$default',
      autoDeploy: true,
      throttle,
      accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: accessLogFormat },
    });
    this.apiId = api.apiId;
    this.url = `https://${api.apiId}.execute-api.${Stack.of(this).region}.${Stack.of(this).urlSuffix}${webhookPath}`;
    const registration = new CustomResource(this, 'Registration', {
      resourceType: 'Custom::ProspectB2BWebhook',
      serviceToken: register.function.functionArn,
      serviceTimeout,
      properties: { url: this.url, events: [...events] },
    });
    // The endpoint is registered only after the receiver works and the permissions are in place.
    registration.node.addDependency(api, register.role, receiver.function);
    this.registerFunctionName = register.function.functionName;
  }
}
