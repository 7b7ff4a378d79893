import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { z } from 'zod';
import { ProspectLake } from '../../lib/prospect-lake.ts';
import type { WorkspaceInput } from '../../lib/config/workspace-input.ts';

export interface Templates {
  readonly data: Template;
  readonly pipeline: Template;
}

const made = new Map<string, Templates>();
/** Context of an app that is synthesized quickly: without bundles and the checks of the CDK. */
export const context = {
  'aws:cdk:bundling-stacks': [],
  'aws:cdk:enable-path-metadata': true,
  '@aws-cdk/core:validateAgainstDefaultRules': false,
};

/** The templates of one workspace in somebody else's app, without bundles. Each configuration is synthesized once. */
export function templatesOf(config: Partial<WorkspaceInput> = {}): Templates {
  const key = JSON.stringify(config);
  const known = made.get(key);
  if (known) return known;
  const { data, pipeline } = new ProspectLake(new App({ context }), 'Lake', { config: { name: 'main', ...config } });
  const templates = { data: Template.fromStack(data), pipeline: Template.fromStack(pipeline) };
  made.set(key, templates);
  return templates;
}

/** The properties of each resource of a type, by logical id. */
export function propertiesOf<T>(template: Template, type: string, schema: z.ZodType<T>): Map<string, T> {
  const found = z.record(z.string(), z.object({ Properties: schema })).parse(template.findResources(type));
  return new Map(Object.entries(found).map(([id, { Properties }]) => [id, Properties]));
}

/** Logical id that an intrinsic function refers to. */
export const reference = z
  .union([z.object({ Ref: z.string() }), z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })])
  .transform((value) => ('Ref' in value ? value.Ref : value['Fn::GetAtt'][0]));

/** Text as CloudFormation would resolve it, with `<Name>` for values that are known only after the deployment. */
export const text: z.ZodType<string> = z.lazy(() =>
  z.union([
    z.string(),
    z.object({ 'Fn::Join': z.tuple([z.string(), z.array(text)]) }).transform(({ 'Fn::Join': [by, of] }) => of.join(by)),
    z.object({ Ref: z.string() }).transform(({ Ref }) => `<${Ref}>`),
    z
      .object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
      .transform((value) => `<${value['Fn::GetAtt'].join('.')}>`),
    z
      .object({ 'Fn::GetStackOutput': z.object({ OutputName: z.string() }) })
      .transform((value) => `<${value['Fn::GetStackOutput'].OutputName}>`),
  ]),
);

/** An array. A template may contain an array of one element as the element alone. */
export const list = <T>(of: z.ZodType<T>) => z.union([z.array(of), of.transform((one) => [one])]);
