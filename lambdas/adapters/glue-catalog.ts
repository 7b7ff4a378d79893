import {
  AlreadyExistsException,
  type Column,
  ConcurrentModificationException,
  CreateTableCommand,
  EntityNotFoundException,
  GetTableCommand,
  GlueClient,
  type Table as GlueTable,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import { versionOf } from '../contract/current-keys.ts';
import type { Table } from '../contract/stream.ts';
import type { Field, FieldType } from '../core/iceberg/metadata.ts';
import type { Catalog, CatalogEntry } from '../core/ports.ts';

/** Most attempts to update a Glue table. If other writers come first more often than this, something is wrong. */
const maxAttempts = 10;

/**
 * Tables of a Glue database in the form in which Athena, Trino, Spark and others expect Iceberg tables:
 * https://github.com/apache/iceberg/blob/main/aws/src/main/java/org/apache/iceberg/aws/glue/GlueTableOperations.java
 */
export function createGlueCatalog(databaseName: string, client: GlueClient = new GlueClient()): Catalog {
  return {
    async point(table, entry) {
      for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
        const stored = await getTable(client, databaseName, table.name);
        if (stored && (versionIn(stored, entry) ?? 0) >= entry.version) return undefined;
        const input = inputFor(table, entry, stored);
        if (await setTable(client, databaseName, input, stored)) return foreignVersion(stored, entry);
      }
      throw new Error(
        `The table ${table.name} in Glue was changed by others ${maxAttempts} times in a row; try again.`,
      );
    },
  };
}

async function getTable(client: GlueClient, DatabaseName: string, Name: string): Promise<GlueTable | undefined> {
  try {
    const { Table } = await client.send(new GetTableCommand({ DatabaseName, Name }));
    return Table;
  } catch (error) {
    if (error instanceof EntityNotFoundException) return undefined;
    throw error;
  }
}

/** Creates or updates the table. @returns false if the table changed after it was read */
async function setTable(
  client: GlueClient,
  DatabaseName: string,
  TableInput: TableInput,
  stored: GlueTable | undefined,
): Promise<boolean> {
  try {
    // Glue has a quota for table versions, so no old ones are kept.
    const update = { DatabaseName, TableInput, SkipArchive: true, VersionId: stored?.VersionId };
    await client.send(stored ? new UpdateTableCommand(update) : new CreateTableCommand({ DatabaseName, TableInput }));
    return true;
  } catch (error) {
    const isRival = error instanceof AlreadyExistsException || error instanceof ConcurrentModificationException;
    // After an update this error means that the table was deleted after it was read: try again. After a create it
    // means that the database does not exist.
    if (isRival || (stored && error instanceof EntityNotFoundException)) return false;
    throw error;
  }
}

/** The version that the table points to; undefined if another program has pointed it to metadata of its own. */
function versionIn({ Parameters }: GlueTable, { location }: CatalogEntry): number | undefined {
  const named = Parameters?.['metadata_location'] ?? '';
  return named.startsWith(`${location}/`) ? versionOf(named) : undefined;
}

function foreignVersion(stored: GlueTable | undefined, entry: CatalogEntry): string | undefined {
  return stored && versionIn(stored, entry) === undefined ? stored.Parameters?.['metadata_location'] : undefined;
}

function inputFor(
  { name, description }: Pick<Table, 'name' | 'description'>,
  { metadataUri, location, schema }: CatalogEntry,
  stored: GlueTable | undefined,
): TableInput {
  const former = stored?.Parameters?.['metadata_location'];
  return {
    Name: name,
    Description: description,
    TableType: 'EXTERNAL_TABLE',
    Parameters: {
      ...stored?.Parameters,
      EXTERNAL: 'TRUE',
      table_type: 'ICEBERG',
      metadata_location: metadataUri,
      ...(former === undefined ? {} : { previous_metadata_location: former }),
    },
    StorageDescriptor: { Location: location, Columns: schema.fields.map(columnOf) },
  };
}

const glueTypes: Readonly<Record<Extract<FieldType, string>, string>> = {
  string: 'string',
  timestamptz: 'timestamp',
  date: 'date',
  long: 'bigint',
  double: 'double',
  boolean: 'boolean',
};

function columnOf({ id, name, type, required, doc }: Field): Column {
  return {
    Name: name,
    Type: typeof type === 'string' ? glueTypes[type] : `array<${type.element}>`,
    Comment: doc,
    Parameters: {
      'iceberg.field.id': String(id),
      'iceberg.field.optional': String(!required),
      'iceberg.field.current': 'true',
    },
  };
}
