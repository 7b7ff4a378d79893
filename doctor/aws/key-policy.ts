/** Whether a key's policy admits the three AWS services that use the key in their own name. See docs/encryption.md. */

import { z } from 'zod';

const some = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const statement = z.object({
  Effect: z.string(),
  Principal: z
    .union([
      z.literal('*').transform(() => ({ AWS: ['*'], Service: ['*'] })),
      z.object({ AWS: some.optional(), Service: some.optional() }),
    ])
    .optional(),
  Action: some.optional(),
});
const keyPolicy = z.object({ Statement: z.union([z.array(statement), statement.transform((one) => [one])]) });

/** @returns what the policy lacks, in words; empty if it has all */
export function lackingInPolicy(policy: unknown, { account, region }: { account: string; region: string }): string[] {
  const parsed = keyPolicy.safeParse(policy);
  if (!parsed.success) return ['a form that can be read'];
  const allowing = parsed.data.Statement.filter(({ Effect }) => Effect === 'Allow');
  const allows = (principals: readonly string[], action: string) =>
    allowing.some(
      ({ Principal, Action = [] }) =>
        [...(Principal?.AWS ?? []), ...(Principal?.Service ?? [])].some((each) => principals.includes(each)) &&
        Action.some((pattern) => matches(pattern, action)),
    );
  const root = [
    '*',
    account,
    ...['aws', 'aws-cn', 'aws-us-gov'].map((partition) => `arn:${partition}:iam::${account}:root`),
  ];
  const wanted: readonly [principals: readonly string[], action: string, words: string][] = [
    [root, 'kms:Decrypt', 'permissions by IAM (its account as principal)'],
    [
      ['*', `logs.${region}.amazonaws.com`, 'logs.amazonaws.com'],
      'kms:GenerateDataKey',
      `logs.${region}.amazonaws.com`,
    ],
    [['*', 'cloudwatch.amazonaws.com'], 'kms:GenerateDataKey', 'cloudwatch.amazonaws.com'],
    [['*', 'events.amazonaws.com'], 'kms:GenerateDataKey', 'events.amazonaws.com'],
  ];
  return wanted.filter(([principals, action]) => !allows(principals, action)).map(([, , words]) => words);
}

function matches(pattern: string, action: string): boolean {
  const [before = '', ...after] = pattern.split('*');
  return after.length === 0 ? pattern === action : action.startsWith(before);
}
