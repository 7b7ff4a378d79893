import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type FunctionName, functionEnvironment } from '../../lambdas/contract/environment.ts';
import { functions } from '../../lib/functions.ts';
import { propertiesOf, reference, templatesOf, text } from './templates.ts';

const { pipeline, data } = templatesOf();

const lambda = z.object({
  Description: z.string(),
  Timeout: z.number(),
  Runtime: z.string(),
  Architectures: z.tuple([z.string()]),
  RecursiveLoop: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  LoggingConfig: z.object({ LogGroup: reference }),
});
const queue = z.object({
  VisibilityTimeout: z.number().optional(),
  MessageRetentionPeriod: z.number(),
  SqsManagedSseEnabled: z.boolean(),
  RedrivePolicy: z.object({ deadLetterTargetArn: reference, maxReceiveCount: z.number() }).optional(),
});
const mapping = z.object({
  FunctionName: reference,
  EventSourceArn: reference,
  BatchSize: z.number(),
  MaximumBatchingWindowInSeconds: z.number(),
  FunctionResponseTypes: z.array(z.string()),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }).optional(),
});

const lambdas = propertiesOf(pipeline, 'AWS::Lambda::Function', lambda);
const queues = propertiesOf(pipeline, 'AWS::SQS::Queue', queue);
const mappings = [...propertiesOf(pipeline, 'AWS::Lambda::EventSourceMapping', mapping).values()];
const names = Object.keys(functions) as FunctionName[];
const functionOf = (name: FunctionName) =>
  [...lambdas.values()].find(({ Description }) => Description === functions[name].description);

const keptLogs = propertiesOf(
  templatesOf({ retention: { logDays: 14 } }).pipeline,
  'AWS::Logs::LogGroup',
  z.object({ RetentionInDays: z.number() }),
);

const powertools = ['POWERTOOLS_SERVICE_NAME', 'POWERTOOLS_METRICS_NAMESPACE', 'LOG_LEVEL'];
const node = ['NODE_OPTIONS', 'MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_'];

describe.each(names)('the function %s', (name) => {
  it('has the variables of its contract, and otherwise only those of Powertools and Node', () => {
    const given = Object.keys(functionOf(name)?.Environment.Variables ?? {});
    expect(given.toSorted()).toEqual([...functionEnvironment[name], ...powertools, ...node].toSorted());
  });

  it('runs on Node 24 and ARM, and keeps its log for the configured days', () => {
    expect(functionOf(name)).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    expect(keptLogs.get(functionOf(name)?.LoggingConfig.LogGroup ?? '')?.RetentionInDays).toBe(14);
  });
});

describe('the functions', () => {
  it('may send messages to themselves only if they are meant to; Lambda stops other loops', () => {
    const loops = Object.fromEntries(names.map((name) => [name, functionOf(name)?.RecursiveLoop]));
    const allowed = Object.keys(loops).filter((name) => loops[name] === 'Allow');
    expect(allowed).toEqual(['extract', 'publish', 'export']);
    expect(new Set(Object.values(loops))).toEqual(new Set(['Allow', 'Terminate']));
  });

  it('get the settings of the configuration', () => {
    const { pipeline: configured } = templatesOf({
      streams: ['leads', 'lead_messages'],
      startDate: '2024-01-31',
      pageSize: 7,
      requestsPerMinute: 99,
      concurrency: 9,
      reading: { lookbackHours: 3, rereadDays: 4, childRereadDays: 5, settledDays: 6 },
      deletions: { confirmAfterMinutes: 7, maxDeletedShare: 0.1 },
      inFlight: 8,
      runDeadlineHours: 5,
    });
    const told = Object.assign(
      {},
      ...[...propertiesOf(configured, 'AWS::Lambda::Function', lambda).values()].map(
        (one) => one.Environment.Variables,
      ),
    );
    expect(told).toMatchObject({
      STREAMS: 'leads,lead_messages',
      START_DATE: '2024-01-31T00:00:00.000Z',
      PAGE_SIZE: '7',
      REQUESTS_PER_MINUTE: '99',
      EXTRACT_CONCURRENCY: '9',
      LOOKBACK_HOURS: '3',
      REREAD_DAYS: '4',
      CHILD_REREAD_DAYS: '5',
      SETTLED_DAYS: '6',
      CONFIRM_AFTER_SECONDS: '420',
      MAX_DELETED_SHARE: '0.1',
      IN_FLIGHT: '8',
      RUN_DEADLINE_HOURS: '5',
    });
  });

  it('and everything else that is deployed contain no secret', () => {
    const templates = JSON.stringify([pipeline.toJSON(), data.toJSON()]);
    expect(templates).not.toMatch(/pb2b_live_[A-Za-z0-9]/);
    expect(templates).not.toMatch(/\{\{resolve:/);
    expect(templates).not.toMatch(/"SecretString"/);
  });
});

describe('the queues', () => {
  it('all refuse plain HTTP', () => {
    const policy = z.object({
      Queues: z.array(reference),
      PolicyDocument: z.object({
        Statement: z.array(z.object({ Effect: z.string(), Action: z.string(), Condition: z.unknown() })),
      }),
    });
    const guarded = [...propertiesOf(pipeline, 'AWS::SQS::QueuePolicy', policy).values()].filter(({ PolicyDocument }) =>
      PolicyDocument.Statement.some(
        ({ Effect, Action, Condition }) =>
          Effect === 'Deny' &&
          Action === 'sqs:*' &&
          JSON.stringify(Condition).includes('"aws:SecureTransport":"false"'),
      ),
    );
    expect(guarded.flatMap(({ Queues }) => Queues).toSorted()).toEqual([...queues.keys()].toSorted());
  });

  it('are encrypted and keep messages as long as SQS can', () => {
    for (const one of queues.values())
      expect(one).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 });
  });

  it('have their own dead-letter queue if a function reads them', () => {
    expect(mappings).toHaveLength(5);
    const deadLetters = mappings.map(
      ({ EventSourceArn }) => queues.get(EventSourceArn)?.RedrivePolicy?.deadLetterTargetArn,
    );
    expect(deadLetters.every((id) => id !== undefined && queues.has(id))).toBe(true);
    expect(new Set(deadLetters).size).toBe(5);
  });

  it('allow six times the timeout of their function, and deliver as often as the function expects', () => {
    for (const { EventSourceArn, FunctionName } of mappings) {
      const consumer = lambdas.get(FunctionName);
      const source = queues.get(EventSourceArn);
      expect(source?.VisibilityTimeout).toBeGreaterThanOrEqual(6 * (consumer?.Timeout ?? Number.NaN));
      const believed = consumer?.Environment.Variables['MAX_RECEIVE_COUNT'];
      if (believed !== undefined) expect(String(source?.RedrivePolicy?.maxReceiveCount)).toBe(believed);
    }
  });

  it('deliver events and tasks in batches and other messages singly, within the configured concurrency', () => {
    for (const one of mappings) {
      const { Description } = lambdas.get(one.FunctionName) ?? {};
      const isEvents = Description === functions.refresh.description;
      const isTasks = Description === functions.extract.description;
      expect(one).toMatchObject({
        BatchSize: isEvents ? 1_000 : isTasks ? 5 : 1,
        MaximumBatchingWindowInSeconds: isEvents ? 30 : 0,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      });
      const { EXTRACT_CONCURRENCY, REFRESH_CONCURRENCY } = lambdas.get(one.FunctionName)?.Environment.Variables ?? {};
      const believed = isTasks ? EXTRACT_CONCURRENCY : isEvents ? REFRESH_CONCURRENCY : undefined;
      if (believed !== undefined) expect(String(one.ScalingConfig?.MaximumConcurrency)).toBe(believed);
    }
  });
});

describe('the concurrency of ten that a new account has', () => {
  it('is enough for everything that runs at once, including a webhook delivery', () => {
    const bounds = mappings.map(({ ScalingConfig }) => ScalingConfig?.MaximumConcurrency);
    const bounded = bounds.filter((bound) => bound !== undefined);
    // The mappings without a limit serve a run and an export, each of which has one message at a time.
    const single = bounds.length - bounded.length;
    expect(bounded.reduce((sum, bound) => sum + bound, 0) + single).toBeLessThan(10);
  });

  it('is not reserved, because Lambda refuses that in such an account', () => {
    expect(JSON.stringify(pipeline.toJSON())).not.toContain('ReservedConcurrentExecutions');
  });
});

describe('the registration of the webhook endpoint', () => {
  it('has a timeout above that of its function, but not CloudFormation’s default of an hour', () => {
    const custom = z.object({ ServiceTimeout: z.string(), ServiceToken: reference });
    const [one] = propertiesOf(pipeline, 'Custom::ProspectB2BWebhook', custom).values();
    const longest = lambdas.get(one?.ServiceToken ?? '')?.Timeout ?? Number.NaN;
    expect(Number(one?.ServiceTimeout)).toBeGreaterThan(longest);
    expect(Number(one?.ServiceTimeout)).toBeLessThanOrEqual(900);
  });
});

describe('the access log of the webhook API', () => {
  it('is under the prefix for which AWS adds no statement to the account’s resource policy for logs', () => {
    pipeline.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/aws/vendedlogs/prospect-lake-main-webhook',
    });
  });
});

describe('several workspaces', () => {
  it('have no common names in one account', () => {
    const namesOf = (name: string) => {
      const { data: one } = templatesOf({ name });
      const named = z.object({ BucketName: text.optional(), Name: z.string().optional() });
      const database = z.object({ DatabaseInput: z.object({ Name: z.string() }) });
      return [
        ...['AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'AWS::Athena::WorkGroup'].flatMap((type) =>
          [...propertiesOf(one, type, named).values()].flatMap(({ BucketName, Name }) =>
            [BucketName ?? [], Name ?? []].flat(),
          ),
        ),
        ...[...propertiesOf(one, 'AWS::Glue::Database', database).values()].map(
          ({ DatabaseInput }) => DatabaseInput.Name,
        ),
      ];
    };
    const both = [...namesOf('sales'), ...namesOf('sales-eu')];
    expect(both.length).toBeGreaterThan(10);
    expect(new Set(both).size).toBe(both.length);
  });
});

describe('the data stack', () => {
  it('is referenced only by stable values: its secrets and the name of its bucket', () => {
    const hashing = templatesOf({ personalData: { hash: ['email'] } }).pipeline;
    for (const [template, secrets] of [
      [pipeline, ['ApiKeySecret', 'WebhookSecret']],
      [hashing, ['ApiKeySecret', 'WebhookSecret', 'HashKeySecret']],
    ] as const) {
      const imports = JSON.stringify(template.toJSON()).match(/"OutputName":"[^"]*"/g) ?? [];
      expect(new Set(imports).size).toBe(secrets.length);
      for (const secret of secrets) expect(imports.join()).toContain(secret);
    }
    data.hasResourceProperties('AWS::S3::Bucket', {
      BucketName: Match.objectLike({ 'Fn::Join': Match.anyValue() }),
    });
  });
});
