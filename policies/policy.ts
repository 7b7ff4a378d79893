import type { PolicyTarget } from './policy-target.ts';

/** A statement of an IAM policy. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export function allow(
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: Statement['Condition'],
): Statement {
  return { Sid, Effect: 'Allow', Action, Resource, ...(Condition ? { Condition } : {}) };
}

/** Allows what AWS services do with the customer's key on a person's behalf. Empty if there is no such key. */
export function keyUse({ kmsKeyArn }: PolicyTarget, Sid: string): Statement[] {
  return kmsKeyArn ? [allow(Sid, ['kms:Decrypt', 'kms:GenerateDataKey'], [kmsKeyArn])] : [];
}

export function policy(...Statement: readonly Statement[]): Policy {
  return { Version: '2012-10-17', Statement };
}
