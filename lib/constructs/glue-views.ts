import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { type Columns, type ColumnType, columnTypes, commentOf } from '../../lambdas/contract/column-types.ts';

/** How Athena (Trino) reads each type from Glue. A view whose columns say another type is refused as stale. */
const trinoTypes: Record<ColumnType, string> = {
  string: 'varchar',
  timestamp: 'timestamp(3)',
  integer: 'bigint',
  number: 'double',
  boolean: 'boolean',
  string_list: 'array(varchar)',
  json: 'varchar',
};

export interface LakeView {
  readonly name: string;
  readonly description: string;
  /** What the SQL selects, in its order. */
  readonly columns: Columns;
  /** Names tables of the same database without naming the database. */
  readonly sql: string;
}

export interface GlueViewsProps {
  readonly database: CfnDatabase;
  readonly databaseName: string;
  readonly views: readonly LakeView[];
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Athena views, as `CREATE VIEW` would leave them in Glue: the definition is base64 JSON in a comment, which
 * Trino looks for where `presto_view` and the comment say so (trino-hive, ViewReaderUtil).
 */
export class GlueViews extends Construct {
  constructor(scope: Construct, id: string, { database, databaseName, views, removalPolicy }: GlueViewsProps) {
    super(scope, id);
    for (const view of views) {
      const table = new CfnTable(this, view.name, {
        catalogId: Stack.of(this).account,
        databaseName,
        tableInput: viewInput(view, databaseName),
      });
      table.applyRemovalPolicy(removalPolicy);
      table.addResourceDependency(database);
    }
  }
}

function viewInput({ name, description, columns, sql }: LakeView, schema: string): CfnTable.TableInputProperty {
  const definition = {
    originalSql: sql,
    catalog: 'awsdatacatalog',
    schema,
    columns: Object.entries(columns).map(([column, { type }]) => ({ name: column, type: trinoTypes[type] })),
  };
  return {
    name,
    description,
    tableType: 'VIRTUAL_VIEW',
    parameters: { presto_view: 'true', comment: 'Presto View' },
    partitionKeys: [],
    viewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(definition)).toString('base64')} */`,
    viewExpandedText: '/* Presto View */',
    storageDescriptor: {
      location: '',
      columns: Object.entries(columns).map(([column, declared]) => ({
        name: column,
        type: columnTypes[declared.type].glue,
        comment: commentOf(declared),
      })),
      serdeInfo: {},
    },
  };
}
