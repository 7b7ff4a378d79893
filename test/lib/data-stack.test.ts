import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { columnTypes } from '../../lambdas/contract/column-types.ts';
import { parquetKey } from '../../lambdas/contract/object-keys.ts';
import { lakeTables } from '../../lib/lake-tables.ts';
import { propertiesOf, templatesOf, text } from './templates.ts';

const { data } = templatesOf();
const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';

const statefulTypes = [
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::Athena::WorkGroup',
];

describe('the buckets', () => {
  const refusal = (condition: object) =>
    Match.objectLike({
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Principal: { AWS: '*' }, Condition: condition }),
        ]),
      }),
    });

  it('refuse plain HTTP and old TLS', () => {
    data.allResourcesProperties('AWS::S3::BucketPolicy', refusal({ Bool: { 'aws:SecureTransport': 'false' } }));
    data.allResourcesProperties('AWS::S3::BucketPolicy', refusal({ NumericLessThan: { 's3:TlsVersion': 1.2 } }));
    data.resourceCountIs('AWS::S3::BucketPolicy', 2);
  });

  it('are encrypted and closed to the public', () => {
    data.allResourcesProperties('AWS::S3::Bucket', {
      BucketEncryption: Match.anyValue(),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
  });

  it.each([
    { what: 'no table', historyDays: undefined, history: [] },
    {
      what: 'every table to which files are only added, but the record of runs',
      historyDays: 33,
      history: lakeTables
        .filter(({ table }) => table.name !== 'pipeline_runs')
        .map(({ table }) => ({
          Prefix: `lake/${table.name}/`,
          ExpirationInDays: 33,
        })),
    },
  ])(
    'forget raw answers and receipts after the configured days, $what, and never the state',
    ({ historyDays, history }) => {
      const retention = { rawDays: 11, runDays: 22, logDays: 14, historyDays } as const;
      const { data: configured } = templatesOf({ retention });
      const lifecycle = z.object({
        LifecycleConfiguration: z.object({
          Rules: z.array(z.object({ Prefix: z.string().optional(), ExpirationInDays: z.number().optional() })),
        }),
        VersioningConfiguration: z.unknown().optional(),
      });
      const buckets = [...propertiesOf(configured, 'AWS::S3::Bucket', lifecycle).values()];
      const lake = buckets.find((bucket) => bucket.VersioningConfiguration);
      const expiring = lake?.LifecycleConfiguration.Rules.filter((rule) => rule.ExpirationInDays !== undefined);
      expect(expiring).toEqual([
        { Prefix: 'raw/', ExpirationInDays: 11 },
        { Prefix: 'runs/', ExpirationInDays: 22 },
        { Prefix: 'athena-results/', ExpirationInDays: 7 },
        { Prefix: 'models-results/', ExpirationInDays: 7 },
        ...history,
      ]);
    },
  );
});

describe('the API key', () => {
  it('is a secret without a value, which a person puts there', () => {
    data.hasResourceProperties('AWS::SecretsManager::Secret', {
      Name: 'prospect-lake/main/api-key',
      SecretString: Match.absent(),
      GenerateSecretString: Match.absent(),
    });
  });
});

describe('the key that personal data is hashed with', () => {
  it('is made up by Secrets Manager if something is hashed, and else there are two secrets', () => {
    const { data: hashing } = templatesOf({ personalData: { hash: ['email'] } });
    hashing.hasResourceProperties('AWS::SecretsManager::Secret', {
      Name: 'prospect-lake/main/hash-key',
      GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
    });
    data.resourceCountIs('AWS::SecretsManager::Secret', 2);
  });

  it('and nothing else of the stack depends on what is hashed', () => {
    const { data: hashing } = templatesOf({ personalData: { hash: ['email'] } });
    const others = Object.entries(hashing.toJSON()['Resources'] as object).filter(([id]) => !id.startsWith('HashKey'));
    expect(Object.fromEntries(others)).toEqual(data.toJSON()['Resources']);
  });

  it('and the tables are the same whatever is dropped', () => {
    const { data: chosen } = templatesOf({
      personalData: { drop: ['body', 'support_tickets.source'] },
    });
    expect(chosen.toJSON()).toEqual(data.toJSON());
  });
});

describe('the tables', () => {
  const tableType = z.object({ TableInput: z.object({ TableType: z.string() }) });
  const glueTable = z.object({
    DatabaseName: z.string(),
    TableInput: z.object({
      Name: z.string(),
      Parameters: z.record(z.string(), text),
      PartitionKeys: z.array(z.object({ Name: z.string(), Type: z.string() })),
      StorageDescriptor: z.object({
        Location: text,
        Columns: z.array(z.object({ Name: z.string(), Type: z.string(), Comment: z.string().max(255) })),
        SerdeInfo: z.object({ SerializationLibrary: z.string() }),
      }),
    }),
  });
  const glue = new Map(
    [...propertiesOf(data, 'AWS::Glue::Table', z.unknown()).values()]
      .filter((properties) => tableType.parse(properties).TableInput.TableType === 'EXTERNAL_TABLE')
      .map((properties) => glueTable.parse(properties))
      .map(({ TableInput }) => [TableInput.Name, TableInput]),
  );

  it('are those of the registry and of the pipeline, and no others', () => {
    expect([...glue.keys()].toSorted()).toEqual(lakeTables.map(({ name }) => name).toSorted());
    expect([...glue.keys()]).toEqual(expect.arrayContaining(['leads_history', 'pipeline_runs', 'rejected_rows']));
  });

  describe.each(lakeTables)('$name', ({ name, table }) => {
    const input = glue.get(name);

    it('has the columns of its declaration, in types that Glue knows', () => {
      expect(input?.StorageDescriptor.Columns.map((column) => [column.Name, column.Type])).toEqual(
        Object.entries(table.columns).map(([column, { type }]) => [column, columnTypes[type].glue]),
      );
      for (const { Type } of input?.StorageDescriptor.Columns ?? []) {
        expect(Type).toMatch(/^(string|timestamp|bigint|double|boolean|array<string>)$/);
      }
    });

    it('says of each column what it is, and whether it is personal', () => {
      for (const { Name, Comment } of input?.StorageDescriptor.Columns ?? []) {
        expect(Comment).toContain(table.columns[Name]?.description);
        const { personal } = table.columns[Name] ?? {};
        expect(/^Personal data \((\w+)\)\./.exec(Comment)?.[1]).toBe(personal);
      }
    });

    it('finds a file that was written for it through the projection of its partitions', () => {
      const parameters = input?.Parameters ?? {};
      expect(input?.PartitionKeys).toEqual([{ Name: 'dt', Type: 'date' }]);
      expect(parameters['projection.enabled']).toBe('true');
      expect(parameters['projection.dt.type']).toBe('date');
      expect(parameters['projection.dt.format']).toBe('yyyy-MM-dd');
      expect(parameters['projection.dt.range']).toMatch(/^\d{4}-\d{2}-\d{2},NOW$/);
      expect(parameters['projection.dt.interval']).toBe('1');
      expect(parameters['projection.dt.interval.unit']).toBe('DAYS');
      const folder = parameters['storage.location.template']?.replace(`\${dt}`, '2026-11-24') ?? '';
      expect(folder).toMatch(/^s3:\/\/<LakeBucket[^>]*>\//);
      const key = parquetKey(table.name, '2026-11-24', 'run', 'task', 0);
      expect(key.startsWith(folder.replace(/^s3:\/\/<[^>]*>\//, ''))).toBe(true);
      expect(folder.startsWith(input?.StorageDescriptor.Location ?? 'none')).toBe(true);
    });
  });
});

describe('the place for tables that people make', () => {
  it('is apart from the results of queries, which are deleted after days', () => {
    const workgroup = z.object({
      Name: z.string(),
      RecursiveDeleteOption: z.literal(true),
      WorkGroupConfiguration: z.object({
        EnforceWorkGroupConfiguration: z.boolean(),
        ResultConfiguration: z.object({ OutputLocation: text }),
      }),
    });
    const made = [...propertiesOf(data, 'AWS::Athena::WorkGroup', workgroup).values()].map((one) => [
      one.Name,
      one.WorkGroupConfiguration.EnforceWorkGroupConfiguration,
      one.WorkGroupConfiguration.ResultConfiguration.OutputLocation.replace(/^s3:\/\/<[^>]*>\//, ''),
    ]);
    expect(made).toEqual([
      ['prospect-lake-main', true, 'athena-results/'],
      ['prospect-lake-main-models', false, 'models-results/'],
    ]);
    data.hasResourceProperties('AWS::Glue::Database', {
      DatabaseInput: { Name: 'prospect_lake_main_models', LocationUri: Match.objectLike({}) },
    });
  });
});

describe('the workgroup', () => {
  it('bounds what a query scans and encrypts what it finds, whatever the client says', () => {
    templatesOf({ athenaScanLimitGiB: 3 }).data.hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 3 * 1024 ** 3,
        ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_S3' } },
      },
    });
  });
});

describe('what holds data', () => {
  const policiesOf = (removalPolicy: 'retain' | 'destroy') => {
    const { data: template } = templatesOf({ removalPolicy });
    const policies = z.record(z.string(), z.object({ DeletionPolicy: z.string(), UpdateReplacePolicy: z.string() }));
    return statefulTypes.flatMap((type) => {
      const found = Object.values(policies.parse(template.findResources(type)));
      expect(found.length).toBeGreaterThan(0);
      return found;
    });
  };

  it('outlives its stack', () => {
    for (const policy of policiesOf('retain')) {
      expect(policy).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    }
  });

  it('goes with its stack where that is configured', () => {
    for (const policy of policiesOf('destroy')) expect(policy.DeletionPolicy).toBe('Delete');
  });

  it('is encrypted with the key of the customer where there is one', () => {
    const { data: template } = templatesOf({ kmsKeyArn: keyArn });
    template.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn },
          },
        ],
      },
    });
    template.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: keyArn });
    template.hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: { ResultConfiguration: { EncryptionConfiguration: { KmsKey: keyArn } } },
    });
  });
});
