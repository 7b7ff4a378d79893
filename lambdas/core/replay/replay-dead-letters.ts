/**
 * Sends dead letters again in lots of at most 500. For each lot, in this order: the run is told to wait, the letters go
 * back to their queue, a check of the run is requested, and only then are the letters deleted from the dead-letter
 * queue. Whatever fails in between, the letters remain for the next replay. A letter that is sent twice is work done
 * twice, which changes nothing.
 */

import type { QueueName } from '../../contract/queue-names.ts';
import type { PublishMessage } from '../../contract/messages.ts';
import { inBatches } from '../store/in-batches.ts';
import { createDeadLetterReader, type IsOff, type ReadDeadLetter } from './dead-letters.ts';
import type { Clock, DeadLetters, DeadLetter, ObjectStore, Queue } from '../ports.ts';
import { recordReplay } from '../runs/replay-record.ts';

export interface ReplayPorts {
  readonly store: ObjectStore;
  readonly deadLetters: DeadLetters;
  /** The queue that the letters came from. */
  readonly queue: Queue;
  readonly publishQueue: Queue;
  readonly clock: Clock;
  /** @default reads every table */
  readonly isOff?: IsOff;
}

/** What an operator is shown about a letter. */
export type DeadLetterView = Pick<
  ReadDeadLetter,
  'id' | 'queue' | 'runId' | 'what' | 'reason' | 'cannotResendBecause' | 'doneBy' | 'isOff'
>;

const readsAll: IsOff = () => false;

/** Whether a replay deletes a letter and does not send it. */
export function isDeleted({ doneBy, isOff }: Pick<DeadLetterView, 'doneBy' | 'isOff'>): boolean {
  return doneBy !== undefined || isOff;
}

const mostReceived = 10;
/** Most letters of a lot, so that it is processed long before its letters become visible to other consumers again. */
const mostLetters = 500;
const mostBytes = 32 * 1024 * 1024;

/** Describes dead letters and leaves them in their queue. */
export async function surveyDeadLetters(
  queue: QueueName,
  limit: number,
  { store, deadLetters, isOff = readsAll }: Pick<ReplayPorts, 'store' | 'deadLetters' | 'isOff'>,
): Promise<DeadLetterView[]> {
  const views: DeadLetterView[] = [];
  const held: Pick<DeadLetter, 'handle'>[] = [];
  const read = createDeadLetterReader(queue, store, isOff);
  try {
    for await (const lot of lotsOf(deadLetters, limit)) {
      held.push(...lot.map(({ handle }) => ({ handle })));
      for (const letter of await inBatches(lot, read)) views.push(viewOf(letter));
    }
  } finally {
    await deadLetters.release(held);
  }
  return views;
}

/**
 * Sends dead letters again. Deletes those that cannot be sent and whose work a later night has done, and those of
 * tables that are switched off.
 * @returns every letter found; those without `cannotResendBecause` were sent
 */
export async function resendDeadLetters(
  queue: QueueName,
  limit: number,
  ports: ReplayPorts,
): Promise<DeadLetterView[]> {
  const views: DeadLetterView[] = [];
  const held = new Set<string>();
  const read = createDeadLetterReader(queue, ports.store, ports.isOff ?? readsAll);
  try {
    for await (const lot of lotsOf(ports.deadLetters, limit)) {
      for (const { handle } of lot) held.add(handle);
      const letters = await inBatches(lot, read);
      const sent = letters.filter(({ cannotResendBecause }) => cannotResendBecause === undefined);
      await replayLot(sent, ports);
      const done = letters.filter(isDeleted);
      if (done.length > 0) await ports.deadLetters.delete(done);
      for (const { handle } of [...sent, ...done]) held.delete(handle);
      for (const letter of letters) views.push(viewOf(letter));
    }
  } finally {
    await ports.deadLetters.release([...held].map((handle) => ({ handle })));
  }
  return views;
}

async function replayLot(letters: readonly ReadDeadLetter[], ports: ReplayPorts): Promise<void> {
  if (letters.length === 0) return;
  const runs = Map.groupBy(
    letters.filter(({ plan }) => plan !== undefined),
    ({ runId = '' }) => runId,
  );
  for (const ofRun of runs.values()) {
    const pending = ofRun.filter(({ isPending }) => isPending);
    const [first] = pending;
    const awaited = new Map(pending.flatMap((letter) => Object.entries(letter.awaited)));
    if (first?.plan) await recordReplay(first.plan, awaited, ports);
  }
  await ports.queue.send(letters.map(({ body }) => ({ body })));
  await ports.publishQueue.send(
    [...runs.keys()].map((runId) => ({ body: { runId, check: 0 } satisfies PublishMessage })),
  );
  await ports.deadLetters.delete(letters);
}

/** Yields lots until no new letters arrive or the limit is reached. */
async function* lotsOf(deadLetters: DeadLetters, limit: number): AsyncGenerator<DeadLetter[]> {
  const seen = new Set<string>();
  let lot: DeadLetter[] = [];
  let bytes = 0;
  while (seen.size < limit) {
    const received = await deadLetters.receive(Math.min(mostReceived, limit - seen.size));
    const fresh = received.filter(({ id }) => !seen.has(id));
    if (fresh.length === 0) break;
    for (const letter of fresh) {
      seen.add(letter.id);
      lot.push(letter);
      bytes += letter.body.length;
    }
    if (lot.length < mostLetters && bytes < mostBytes) continue;
    yield lot;
    [lot, bytes] = [[], 0];
  }
  if (lot.length > 0) yield lot;
}

function viewOf(letter: ReadDeadLetter): DeadLetterView {
  const { id, queue, runId, what, reason, cannotResendBecause, doneBy, isOff } = letter;
  return { id, queue, runId, what, reason, cannotResendBecause, doneBy, isOff };
}
