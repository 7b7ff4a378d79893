import { CfnNamedQuery, type CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { Construct } from 'constructs';
import type { NamedQuery } from '../../lambdas/streams/named-queries.ts';

export interface SavedQueriesProps {
  readonly workgroup: CfnWorkGroup;
  readonly databaseName: string;
  readonly queries: readonly NamedQuery[];
}

/** Queries that Athena's console shows as "Saved queries". They hold no data, so they are deleted with the stack. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { workgroup, databaseName, queries }: SavedQueriesProps) {
    super(scope, id);
    for (const { name, description, sql } of queries) {
      const query = new CfnNamedQuery(this, name, {
        name,
        description,
        database: databaseName,
        queryString: sql,
        workGroup: workgroup.name,
      });
      query.addResourceDependency(workgroup);
    }
  }
}
