import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * Lets a function create these tables of a Glue database and point them to a new version. It cannot delete a table, or
 * touch others such as history tables. Glue also checks the permission on the catalog and the database.
 * @param tables names of the current tables
 */
export function grantCatalog(role: IRole, databaseName: string, tables: readonly string[]): void {
  const arn = (resource: string) => Stack.of(role).formatArn({ service: 'glue', resource });
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable'],
      resources: [
        arn('catalog'),
        arn(`database/${databaseName}`),
        ...tables.map((table) => arn(`table/${databaseName}/${table}`)),
      ],
    }),
  );
}
