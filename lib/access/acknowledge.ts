import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges a finding of cdk-nag, with the reason why it is correct as it is.
 * @param id id of the rule, as the finding shows it, such as `AwsSolutions-S1`
 */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  const limit = Error.stackTraceLimit;
  // CDK records a stack trace with each acknowledgement despite its settings. The paths in a trace differ between
  // folders.
  Error.stackTraceLimit = 0;
  try {
    Validations.of(construct).acknowledge({ id, reason });
  } finally {
    Error.stackTraceLimit = limit;
  }
}
