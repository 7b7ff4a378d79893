/** The tables that CloudFormation creates in Glue. */

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { columnTypes } from '../../lambdas/contract/column-types.ts';
import { parquetKey } from '../../lambdas/contract/object-keys.ts';
import { lakeTables } from '../../lib/lake-tables.ts';
import { propertiesOf, templatesOf, text } from './templates.ts';

const { data } = templatesOf();
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

describe('the tables', () => {
  it('are exactly those of the registry and of the pipeline', () => {
    expect([...glue.keys()].toSorted()).toEqual(lakeTables.map(({ name }) => name).toSorted());
    expect([...glue.keys()]).toEqual(expect.arrayContaining(['leads_history', 'pipeline_runs', 'rejected_rows']));
  });

  describe.each(lakeTables)('$name', ({ name, table }) => {
    const input = glue.get(name);

    it('has the declared columns, with types that Glue knows', () => {
      expect(input?.StorageDescriptor.Columns.map((column) => [column.Name, column.Type])).toEqual(
        Object.entries(table.columns).map(([column, { type }]) => [column, columnTypes[type].glue]),
      );
      for (const { Type } of input?.StorageDescriptor.Columns ?? []) {
        expect(Type).toMatch(/^(string|timestamp|bigint|double|boolean|array<string>)$/);
      }
    });

    it('describes each column, and says whether it is personal', () => {
      for (const { Name, Comment } of input?.StorageDescriptor.Columns ?? []) {
        expect(Comment).toContain(table.columns[Name]?.description);
        const { personal } = table.columns[Name] ?? {};
        expect(/^Personal data \((\w+)\)\./.exec(Comment)?.[1]).toBe(personal);
      }
    });

    it('finds a file that was written for it through its partition projection', () => {
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
