import type { PublishMessage } from '../../contract/messages.ts';
import type { Queue } from '../ports.ts';

/** Has publish look at runs whose work has just gone on, so that it does not wait for its next check. */
export async function pingPublish(messages: readonly { readonly runId: string }[], publishQueue: Queue): Promise<void> {
  const runs = new Set(messages.map(({ runId }) => runId));
  await publishQueue.send(
    [...runs].map((runId) => ({ body: { runId, check: 0, ping: true } satisfies PublishMessage })),
  );
}
