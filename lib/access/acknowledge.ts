import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says why a finding of cdk-nag is right as it is.
 * @param id as the finding shows it, such as `AwsSolutions-S1`
 */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  const limit = Error.stackTraceLimit;
  // CDK keeps a stack trace of each of these whatever it is told, and the paths in it differ from folder to folder.
  Error.stackTraceLimit = 0;
  try {
    Validations.of(construct).acknowledge({ id, reason });
  } finally {
    Error.stackTraceLimit = limit;
  }
}
