import { Stack } from 'aws-cdk-lib';
import { type IRole, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { rolePath } from '../config/names.ts';

export interface CatalogGrant {
  readonly workspace: string;
  readonly databaseName: string;
  /** Names of the current tables. */
  readonly tables: readonly string[];
}

/**
 * Lets a function create these tables of a Glue database and point them to a new version. It cannot delete a table, or
 * touch others such as history tables. Glue also checks the permission on the catalog and the database.
 *
 * This is a managed policy of its own, because with these tables the inline policy of the role would exceed the limit
 * of IAM. The CDK would then move a part of it to a policy outside of the path that policies/ allows.
 */
export function grantCatalog(role: IRole, { workspace, databaseName, tables }: CatalogGrant): void {
  const arn = (resource: string) => Stack.of(role).formatArn({ service: 'glue', resource });
  new ManagedPolicy(role, 'Tables', {
    path: rolePath(workspace),
    roles: [role],
    statements: [
      new PolicyStatement({
        actions: ['glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable'],
        resources: [
          arn('catalog'),
          arn(`database/${databaseName}`),
          ...tables.map((table) => arn(`table/${databaseName}/${table}`)),
        ],
      }),
    ],
  });
}
