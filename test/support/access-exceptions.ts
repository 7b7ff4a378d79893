import type { Exception } from './least-privilege.ts';

/** Permissions that AWS itself uses, so no test can record the call. Every other permission has a recorded call. */
export const exceptions: readonly Exception[] = [
  {
    action: /^logs:(CreateLogStream|PutLogEvents)$/,
    resource: /:log-group:/,
    because: 'Lambda writes the log of a function in its name.',
  },
  {
    action: /^sqs:SendMessage$/,
    resource: /MissedRuns/,
    because: 'The scheduler leaves a tick there that it could not deliver, and Lambda one at which a function failed.',
  },
  {
    principal: /^logging\.s3\.amazonaws\.com$/,
    action: /^s3:PutObject$/,
    resource: /:::prospect-logs-main-/,
    because: 'S3 delivers its access logs in its own name.',
  },
  {
    principal: /^cloudwatch\.amazonaws\.com$/,
    action: /^sns:Publish$/,
    resource: /Notifications/,
    because: 'CloudWatch tells the topic of an alarm in its own name.',
  },
  {
    principal: /^events\.amazonaws\.com$/,
    action: /^(sns:Publish|sqs:SendMessage)$/,
    resource: /Notifications|MissedRuns/,
    because: 'EventBridge tells the topic in its own name what a person must do, and leaves what it cannot tell.',
  },
  {
    principal: /^apigateway\.amazonaws\.com$/,
    action: /^lambda:InvokeFunction$/,
    resource: /:function:prospect-lake-main-webhook$/,
    because: 'API Gateway hands a delivery to the receiver in its own name.',
  },
];
