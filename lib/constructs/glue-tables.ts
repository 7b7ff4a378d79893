import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { databaseName } from '../config/names.ts';
import { columnTypes, commentOf } from '../../lambdas/contract/column-types.ts';
import { prefixes } from '../../lambdas/contract/object-keys.ts';
import type { Table } from '../../lambdas/contract/stream.ts';

/** Every table is partitioned by the day of the run. No run of this software is older than `firstPartition`. */
const partitionKey = { name: 'dt', type: 'date' } as const;
const firstPartition = '2026-01-01';

export interface LakeTable {
  /** Name in Glue. */
  readonly name: string;
  /** The table's files are under `lake/<table.name>/`. */
  readonly table: Table;
}

export interface GlueTablesProps {
  readonly workspace: string;
  readonly bucket: IBucket;
  readonly tables: readonly LakeTable[];
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A database with a table for each kind of Parquet file. Partitions are projected, not stored: a day's files can be
 * queried as soon as they are written, without a crawler.
 */
export class GlueTables extends Construct {
  readonly databaseName: string;
  readonly database: CfnDatabase;

  constructor(scope: Construct, id: string, { workspace, bucket, tables, removalPolicy }: GlueTablesProps) {
    super(scope, id);
    this.databaseName = databaseName(workspace);
    const catalogId = Stack.of(this).account;
    this.database = new CfnDatabase(this, 'Database', {
      catalogId,
      databaseInput: {
        name: this.databaseName,
        description: `Tables of the ProspectB2B workspace '${workspace}'.`,
      },
    });
    this.database.applyRemovalPolicy(removalPolicy);
    for (const { name, table } of tables) {
      const glueTable = new CfnTable(this, name, {
        catalogId,
        databaseName: this.databaseName,
        tableInput: tableInput(name, table, bucket.s3UrlForObject(`${prefixes.lake}${table.name}/`)),
      });
      glueTable.applyRemovalPolicy(removalPolicy);
      glueTable.addResourceDependency(this.database);
    }
  }
}

function tableInput(name: string, table: Table, location: string): CfnTable.TableInputProperty {
  return {
    name,
    description: table.description,
    tableType: 'EXTERNAL_TABLE',
    parameters: {
      EXTERNAL: 'TRUE',
      classification: 'parquet',
      'projection.enabled': 'true',
      [`projection.${partitionKey.name}.type`]: 'date',
      [`projection.${partitionKey.name}.format`]: 'yyyy-MM-dd',
      [`projection.${partitionKey.name}.range`]: `${firstPartition},NOW`,
      [`projection.${partitionKey.name}.interval`]: '1',
      [`projection.${partitionKey.name}.interval.unit`]: 'DAYS',
      'storage.location.template': `${location}${partitionKey.name}=\${${partitionKey.name}}/`,
    },
    partitionKeys: [{ ...partitionKey, comment: 'UTC day on which the run that read the row began.' }],
    storageDescriptor: {
      location,
      columns: Object.entries(table.columns).map(([column, declared]) => ({
        name: column,
        type: columnTypes[declared.type].glue,
        comment: commentOf(declared),
      })),
      inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  };
}
