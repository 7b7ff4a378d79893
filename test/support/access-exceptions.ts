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

/**
 * Permissions for cases that the workload of the access test leaves out, because each takes many rows, days or a fault.
 * Other suites cover them. Any other permission without a recorded call fails the test.
 */
export const unplayed: readonly Exception[] = [
  {
    principal: /^(publish|refresh)$/,
    action: /^glue:(Get|Create|Update)Table$/,
    resource: /:(catalog|database\/prospect_lake_main|table\/prospect_lake_main\/\w+)$/,
    because: 'The catalog of the embedded cloud is a file. `npm run test:aws` makes these calls.',
  },
  {
    principal: /^extract$/,
    action: /^(s3:(Get|Put)Object|s3:ListBucket|sqs:SendMessage)$/,
    resource: /\/runs\/\*\/convert\/\*$|'runs\/\*\/convert\/\*'$|-ConvertQueue\w+$/,
    because:
      'A chunk is handed to the convert queue, and its receipt is looked for, only if it is large or comes again.',
  },
  {
    principal: /^extract$/,
    action: /^sqs:SendMessage$/,
    resource: /-ExtractQueue\w+$/,
    because: 'A task goes on in a further message only if one function invocation is too short for it.',
  },
  {
    principal: /^(extract|refresh|plan)$/,
    action: /^s3:PutObject$/,
    resource: /\/runs\/\*\/(aborted|waiting|forbidden\/\*)\.?(json)?$/,
    because: 'Markers of a refused key, of a quota that is used up, and of a missing scope.',
  },
  {
    principal: /^plan$/,
    action: /^s3:PutObject$/,
    resource: /\/runs\/\*\/waiting\.json$/,
    because: 'The marker of a wait that the API asks for at the start of a run.',
  },
  {
    principal: /^publish$/,
    action: /^s3:((Get|Put)Object|ListBucket)$/,
    resource: /runs\/\*\/announced-schema\.json'?$/,
    because: 'The marker of an event about fields that the API added, dropped or retyped.',
  },
  {
    principal: /^(publish|refresh)$/,
    action: /^s3:PutObject$/,
    resource: /\/state\/forgotten\.json$/,
    because: 'What shows that the vendor has deleted a person is written down only once somebody was forgotten.',
  },
  {
    principal: /^refresh$/,
    action: /^s3:(GetObject|ListBucket)$/,
    resource: /runs\/\*\/(plan\.json|dispatched)'?$/,
    because: 'A refresh reads its plan, and whether it was sent, only if another delivery stored the plan first.',
  },
  {
    principal: /^refresh$/,
    action: /^(s3:PutObject|sqs:SendMessage)$/,
    resource: /runs\/\*\/(dispatched|(extract|convert)\/\*)(\.json)?$|-(Extract|Convert|Publish)Queue\w+$/,
    because: 'A run that is not small, or in which something fails, is left to the other functions.',
  },
  {
    principal: /^refresh$/,
    action: /^s3:PutObject$/,
    resource: /runs\/\*\/announced-\*$/,
    because: 'The marker of an event is stored only if the small run is not complete.',
  },
  {
    principal: /^extract$/,
    action: /^sqs:GetQueueAttributes$/,
    resource: /-RefreshQueue\w+$/,
    because: 'A function that reads for less than ten seconds does not ask whether others read.',
  },
  {
    principal: /^refresh$/,
    action: /^s3:(GetObject|PutObject|ListBucket)$/,
    resource: /\/lake\/\*$|'lake\/\*'$|\/state\/told\.json$/,
    because: 'A file that is too large to remember is read, and a problem that a refresh finds is noted.',
  },
  {
    principal: /^publish$/,
    action: /^s3:ListBucket$/,
    resource: /'state\/pipeline\.json'$/,
    because: 'A run that is not nightly may be published before the first night has written a state.',
  },
  {
    principal: /^publish$/,
    action: /^s3:GetObject$/,
    resource: /\/runs\/\*\/((approved|replay)\.json|rounds\/\*)$/,
    because:
      'The decisions of a person are read only if they exist, and a round only by another process than the one that wrote it.',
  },
  {
    principal: /^convert$/,
    action: /^s3:(GetObject|ListBucket)$/,
    resource: /runs\/\*\/(extract|rounds)\/\*'?$/,
    because: 'The receipt of an earlier conversion is looked for only if a person has a chunk converted again.',
  },
  {
    principal: /^export$/,
    action: /^s3:(GetObject|ListBucket)$/,
    resource: /runs\/\*\/rounds\/\*'?$/,
    because: 'Before a load is noted as failed, its receipt is looked for wherever receipts are.',
  },
  {
    principal: /^convert$/,
    action: /^s3:DeleteObject$/,
    resource: /\/lake\/\*$/,
    because: 'A chunk that is converted again may have no rows for a file that it wrote before.',
  },
  {
    principal: /^publish$/,
    action: /^s3:DeleteObject$/,
    resource: /\/current\/\*$/,
    because: 'Files are removed days after the last snapshot that names them ended.',
  },
  {
    principal: /^publish$/,
    action: /^s3:ListBucket$/,
    resource: /'(runs\/\*\/sent\/\*|lake\/\*)'$/,
    because: 'Lets S3 answer 404, not 403, for a round that was not sent and for a chunk that is gone.',
  },
  {
    principal: /^export$/,
    action: /^s3:PutObject$/,
    resource: /\/runs\/\*\/approved\.json$/,
    because: 'A sweep that a person approved.',
  },
];
