import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

const attempts = 3;

/**
 * Tells CloudFormation how a custom resource ended: without an answer the stack waits for an hour.
 * @param failure why it failed; absent where it did not
 * @throws Error where the answer could not be given
 */
export async function answerCloudFormation(
  event: CloudFormationCustomResourceEvent,
  physicalId: string,
  failure?: string,
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = JSON.stringify({
    Status: failure === undefined ? 'SUCCESS' : 'FAILED',
    Reason: failure ?? '',
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
