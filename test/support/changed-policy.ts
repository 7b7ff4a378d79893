import { z } from 'zod';

const document = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z
        .looseObject({ PolicyDocument: z.looseObject({ Statement: z.array(z.looseObject({})) }).optional() })
        .optional(),
    }),
  ),
});

/** Changes the policy statements of a role in a template. `role` is a prefix of the policy's logical id. */
export const ofRole = (role: string, change: (statements: object[]) => object[]) => (template: string) => {
  const parsed = document.parse(JSON.parse(template));
  for (const [id, { Type, Properties }] of Object.entries(parsed.Resources)) {
    const policy = Properties?.PolicyDocument;
    if (Type === 'AWS::IAM::Policy' && id.startsWith(role) && policy)
      policy.Statement = change(policy.Statement).map((statement) => ({ ...statement }));
  }
  return JSON.stringify(parsed);
};
