import type { PublishMessage } from '../../contract/messages.ts';
import type { Queue } from '../ports.ts';

/** Makes publish check runs that have just made progress, so that they do not wait for their next check. */
export async function pingPublish(messages: readonly { readonly runId: string }[], publishQueue: Queue): Promise<void> {
  const runs = new Set(messages.map(({ runId }) => runId));
  await publishQueue.send(
    [...runs].map((runId) => ({ body: { runId, check: 0, ping: true } satisfies PublishMessage })),
  );
}
