import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * Lets a function create these tables of a Glue database, and move them on to their next version. It can neither
 * touch other tables, such as those of the history, nor delete one. Glue asks for the catalog and the database too.
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
