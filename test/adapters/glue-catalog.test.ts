import {
  AlreadyExistsException,
  ConcurrentModificationException,
  CreateTableCommand,
  EntityNotFoundException,
  GetTableCommand,
  GlueClient,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createGlueCatalog } from '../../lambdas/adapters/glue-catalog.ts';
import { schemaFor } from '../../lambdas/core/iceberg/schema.ts';
import type { CatalogEntry } from '../../lambdas/core/ports.ts';
import { leads } from '../../lambdas/streams/leads.ts';
import { tableOf } from '../../lambdas/contract/stream.ts';
import { everyType } from '../support/any-rows.ts';

const client = new GlueClient({ region: 'eu-central-1' });
const glue = mockClient(client);
beforeEach(() => void glue.reset());

const catalog = createGlueCatalog('lake_db', client);
const location = 's3://lake/current/every_type';
const uriOf = (version: number) => `${location}/metadata/v${version}.metadata.json`;
const entry = (version: number): CatalogEntry => ({
  version,
  metadataUri: uriOf(version),
  location,
  schema: schemaFor(everyType, undefined),
});
const fault = { message: '', $metadata: {} };
const isAbsent = new EntityNotFoundException(fault);
const stored = (metadata_location: string | undefined, VersionId = '7') => ({
  Table: {
    Name: 'every_type',
    VersionId,
    Parameters: { owner: 'bi', ...(metadata_location === undefined ? {} : { metadata_location }) },
  },
});
const updates = () => glue.commandCalls(UpdateTableCommand).map(({ args }) => args[0].input);

describe('a table that Glue does not have', () => {
  it('is created with everything that engines need', async () => {
    glue.on(GetTableCommand).rejects(isAbsent).on(CreateTableCommand).resolves({});
    expect(await catalog.point(everyType, entry(1))).toBeUndefined();
    const [call] = glue.commandCalls(CreateTableCommand);
    expect(call?.args[0].input).toMatchObject({
      DatabaseName: 'lake_db',
      TableInput: {
        Name: 'every_type',
        Description: 'A table for tests.',
        TableType: 'EXTERNAL_TABLE',
        Parameters: { EXTERNAL: 'TRUE', table_type: 'ICEBERG', metadata_location: uriOf(1) },
        StorageDescriptor: { Location: location },
      },
    });
    const types = call?.args[0].input.TableInput?.StorageDescriptor?.Columns?.map(({ Type }) => Type);
    expect(types).toEqual([
      'string',
      'string',
      'timestamp',
      'date',
      'bigint',
      'double',
      'boolean',
      'array<string>',
      'string',
    ]);
  });

  it('is updated if somebody else creates it first', async () => {
    glue
      .on(GetTableCommand)
      .rejectsOnce(isAbsent)
      .resolves(stored(uriOf(1)));
    glue.on(CreateTableCommand).rejects(new AlreadyExistsException(fault)).on(UpdateTableCommand).resolves({});
    await catalog.point(everyType, entry(2));
    expect(updates()).toMatchObject([{ VersionId: '7' }]);
  });

  it('fails if its database does not exist', async () => {
    glue.on(GetTableCommand).rejects(isAbsent).on(CreateTableCommand).rejects(isAbsent);
    await expect(catalog.point(everyType, entry(1))).rejects.toBe(isAbsent);
  });
});

describe('a table that Glue has', () => {
  it('is updated under its version, without an archive', async () => {
    glue
      .on(GetTableCommand)
      .resolves(stored(uriOf(3)))
      .on(UpdateTableCommand)
      .resolves({});
    expect(await catalog.point(everyType, entry(4))).toBeUndefined();
    expect(updates()).toMatchObject([
      {
        DatabaseName: 'lake_db',
        SkipArchive: true,
        VersionId: '7',
        TableInput: {
          Parameters: {
            owner: 'bi',
            table_type: 'ICEBERG',
            metadata_location: uriOf(4),
            previous_metadata_location: uriOf(3),
          },
        },
      },
    ]);
  });

  it('skips versions that never reached Glue, as after a process that died', async () => {
    glue
      .on(GetTableCommand)
      .resolves(stored(uriOf(3)))
      .on(UpdateTableCommand)
      .resolves({});
    await catalog.point(everyType, entry(9));
    expect(updates()).toHaveLength(1);
  });

  it.each([4, 5, 10])('is never moved back from version %i to 4', async (version) => {
    glue.on(GetTableCommand).resolves(stored(uriOf(version)));
    expect(await catalog.point(everyType, entry(4))).toBeUndefined();
    expect(updates()).toEqual([]);
  });

  it('is left unchanged if a rival has moved it further', async () => {
    glue
      .on(GetTableCommand)
      .resolvesOnce(stored(uriOf(3), '7'))
      .resolves(stored(uriOf(5), '8'));
    glue.on(UpdateTableCommand).rejects(new ConcurrentModificationException(fault));
    await catalog.point(everyType, entry(4));
    expect(updates()).toHaveLength(1);
  });

  it('is updated if a rival has moved it less far', async () => {
    glue
      .on(GetTableCommand)
      .resolvesOnce(stored(uriOf(3), '7'))
      .resolves(stored(uriOf(4), '8'));
    glue.on(UpdateTableCommand).rejectsOnce(new ConcurrentModificationException(fault)).resolves({});
    await catalog.point(everyType, entry(5));
    expect(updates()).toMatchObject([{ VersionId: '7' }, { VersionId: '8' }]);
  });

  it('is recreated if somebody deletes it meanwhile', async () => {
    glue
      .on(GetTableCommand)
      .resolvesOnce(stored(uriOf(3)))
      .rejects(isAbsent);
    glue.on(UpdateTableCommand).rejects(isAbsent).on(CreateTableCommand).resolves({});
    await catalog.point(everyType, entry(4));
    expect(glue.commandCalls(CreateTableCommand)).toHaveLength(1);
  });

  it.each([
    `${location}/metadata/00005-0b1c9a1e-1f5c-4a8e-9d2b-5b0e3c9f7a11.metadata.json`,
    's3://elsewhere/current/every_type/metadata/v9.metadata.json',
  ])('is corrected if somebody else changed it: %s', async (foreign) => {
    glue.on(GetTableCommand).resolves(stored(foreign)).on(UpdateTableCommand).resolves({});
    const replaced = await catalog.point(everyType, entry(4));
    expect(replaced).toBe(foreign);
    expect(updates()).toMatchObject([{ TableInput: { Parameters: { metadata_location: uriOf(4) } } }]);
  });

  it('becomes an Iceberg table if it is not one', async () => {
    glue.on(GetTableCommand).resolves(stored(undefined)).on(UpdateTableCommand).resolves({});
    await catalog.point(everyType, entry(1));
    expect(updates()).toHaveLength(1);
  });

  it('fails after ten rivals', async () => {
    glue.on(GetTableCommand).resolves(stored(uriOf(3)));
    glue.on(UpdateTableCommand).rejects(new ConcurrentModificationException(fault));
    await expect(catalog.point(everyType, entry(4))).rejects.toThrow('changed by others 10 times');
  });

  it('does not count as updated if Glue fails', async () => {
    const denied = Object.assign(new Error('denied'), { name: 'AccessDeniedException' });
    glue
      .on(GetTableCommand)
      .resolves(stored(uriOf(3)))
      .on(UpdateTableCommand)
      .rejects(denied);
    await expect(catalog.point(everyType, entry(4))).rejects.toThrow('denied');
  });
});

it('describes each column in Glue, and says which are personal data', async () => {
  glue.on(GetTableCommand).rejects(isAbsent).on(CreateTableCommand).resolves({});
  const table = tableOf(leads);
  await catalog.point(table, { ...entry(1), schema: schemaFor(table, undefined) });
  const columns = glue.commandCalls(CreateTableCommand)[0]?.args[0].input.TableInput?.StorageDescriptor?.Columns;
  const email = columns?.find(({ Name }) => Name === 'email');
  expect(email?.Comment).toMatch(/^Personal data \(email\)\. /);
  expect(columns?.[0]?.Parameters).toMatchObject({ 'iceberg.field.id': '1', 'iceberg.field.optional': 'false' });
});
