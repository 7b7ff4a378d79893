import { CreateDatabaseCommand, CreateTableCommand, type GlueClient } from '@aws-sdk/client-glue';
import { z } from 'zod';
import type { CustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { propertiesOf, templatesOf, text } from '../lib/templates.ts';

const table = z.object({
  TableInput: z.object({
    Name: z.string(),
    Description: z.string(),
    TableType: z.string(),
    Parameters: z.record(z.string(), text),
    PartitionKeys: z.array(z.object({ Name: z.string(), Type: z.string(), Comment: z.string() })),
    StorageDescriptor: z.object({
      Location: text,
      Columns: z.array(z.object({ Name: z.string(), Type: z.string(), Comment: z.string() })),
      InputFormat: z.string(),
      OutputFormat: z.string(),
      SerdeInfo: z.object({ SerializationLibrary: z.string() }),
    }),
  }),
});

/** Creates in Glue the tables that the template of the data stack declares, with this bucket as their location. */
export async function addHistoryTables(
  glue: GlueClient,
  { database, bucket, customColumns }: { database: string; bucket: string; customColumns: CustomColumns },
): Promise<void> {
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: database } }));
  const { data } = templatesOf({ name: 'main', customColumns });
  for (const { TableInput } of propertiesOf(data, 'AWS::Glue::Table', table).values()) {
    const inBucket = (uri: string) => uri.replace(/^s3:\/\/[^/]*\//, `s3://${bucket}/`);
    const { StorageDescriptor, Parameters } = TableInput;
    await glue.send(
      new CreateTableCommand({
        DatabaseName: database,
        TableInput: {
          ...TableInput,
          Parameters: Object.fromEntries(Object.entries(Parameters).map(([name, value]) => [name, inBucket(value)])),
          StorageDescriptor: { ...StorageDescriptor, Location: inBucket(StorageDescriptor.Location) },
        },
      }),
    );
  }
}
