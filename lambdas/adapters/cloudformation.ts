import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

const attempts = 3;
/** Most characters of a reason: CloudFormation accepts 4,096 bytes per answer in total. */
const maxReasonLength = 2_000;

/**
 * Tells CloudFormation how the change of a custom resource ended. Without an answer the stack waits for an hour.
 * @param reason what a person reads in the events of the stack
 * @throws Error if the answer could not be delivered
 */
export async function answerCloudFormation(
  event: CloudFormationCustomResourceEvent,
  physicalId: string,
  { status, reason }: { status: 'SUCCESS' | 'FAILED'; reason: string },
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = JSON.stringify({
    Status: status,
    Reason: reason.slice(0, maxReasonLength),
    PhysicalResourceId: physicalId,
    StackId,
    RequestId,
    LogicalResourceId,
  });
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(event.ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } }).catch(
      () => undefined,
    );
    if (answer?.ok) return;
    if (attempt === attempts) throw new Error('CloudFormation did not take the answer of the webhook endpoint.');
  }
}
