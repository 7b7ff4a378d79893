/**
 * Describes dead letters: what work each holds, why the work was given up, and what happens if the letter is sent
 * again.
 */

import type { z } from 'zod';
import { abortedKey, chunkKey, extractReceiptKey, failedCheckKey, planKey } from '../../contract/object-keys.ts';
import {
  type ConvertMessage,
  convertMessage,
  type ExportMessage,
  exportMessage,
  extractMessage,
  publishMessage,
} from '../../contract/messages.ts';
import { extractReceipt, type Failure, failure, type Plan, plan as planSchema } from '../../contract/run.ts';
import type { QueueName } from '../../contract/queue-names.ts';
import { webhookMessage } from '../../contract/webhook.ts';
import { readConversion } from '../runs/convert-receipts.ts';
import { earlierCounts } from '../runs/extract-receipts.ts';
import { chunkId } from '../runs/run-ids.ts';
import type { DeadLetter, ObjectStore } from '../ports.ts';
import { doneSince } from './done-since.ts';
import { readJson } from '../store/stored-json.ts';

/** Parser for the messages of each queue. Adds the queue's name, which tells the messages apart. */
const anyMessage = {
  extract: extractMessage.transform((message) => ({ queue: 'extract' as const, message })),
  convert: convertMessage.transform((message) => ({ queue: 'convert' as const, message })),
  publish: publishMessage.transform((message) => ({ queue: 'publish' as const, message })),
  refresh: webhookMessage.transform((message) => ({ queue: 'refresh' as const, message })),
  export: exportMessage.transform((message) => ({ queue: 'export' as const, message })),
} satisfies Record<QueueName, z.ZodType>;
type AnyMessage = z.output<(typeof anyMessage)[QueueName]>;

export interface ReadDeadLetter {
  readonly id: string;
  readonly handle: string;
  readonly queue: QueueName;
  /** The task, chunk or step that the letter is about, in words. */
  readonly what: string;
  readonly runId: string | undefined;
  /** Why the work was given up, if that was stored with the run. */
  readonly reason: Failure | undefined;
  /** Why the letter cannot be sent again; it then stays in the dead-letter queue. Undefined if it can. */
  readonly cannotResendBecause: string | undefined;
  /**
   * The night that has since read the table of a letter that cannot be sent again: the letter is deleted. Undefined if
   * there is none.
   */
  readonly doneBy: string | undefined;
  /** Whether the configuration no longer reads the table of the letter, which is then deleted. */
  readonly isOff: boolean;
  /** The message to send. */
  readonly body: unknown;
  /** Plan of the run that publish has to check when the work is done. */
  readonly plan: Plan | undefined;
  /** Whether the run has to wait for this work. */
  readonly isPending: boolean;
  /** Receipts that no longer count because the run waits for new ones: `finishedAt` by task or chunk id. */
  readonly awaited: Readonly<Record<string, string>>;
}

interface Run {
  readonly plan: Plan | undefined;
  readonly aborted: Failure | undefined;
}

/** Whether the configuration of the workspace leaves a table out. */
export type IsOff = (table: string) => boolean;

/** Returns a function that reads dead letters. It caches what it learns about each run. */
export function createDeadLetterReader(
  queue: QueueName,
  store: ObjectStore,
  isOff: IsOff,
): (letter: DeadLetter) => Promise<ReadDeadLetter> {
  const runs = new Map<string, Promise<Run>>();
  const runOf = (runId: string) => {
    const run = runs.get(runId) ?? readRun(store, runId);
    runs.set(runId, run);
    return run;
  };
  return async ({ id, handle, body }) => {
    const parsed = anyMessage[queue].safeParse(jsonOf(body));
    const read = parsed.success ? await about(parsed.data, runOf, store) : { what: 'not a message of this queue' };
    const table = parsed.success ? tableOf(parsed.data) : undefined;
    const cannotResendBecause = parsed.success
      ? undefined
      : 'It does not have the form that this queue takes; a newer version may have sent it.';
    const nothing = {
      runId: undefined,
      reason: undefined,
      cannotResendBecause,
      doneBy: undefined,
      isOff: false,
      body: undefined,
      plan: undefined,
      isPending: false,
      awaited: {},
    };
    const off =
      table !== undefined && isOff(table)
        ? { cannotResendBecause: `The configuration leaves ${table} out of streams.`, doneBy: undefined, isOff: true }
        : {};
    return { ...nothing, ...read, ...off, id, handle, queue };
  };
}

/** The table whose rows the work of a letter reads or converts. */
function tableOf(letter: AnyMessage): string | undefined {
  if (letter.queue === 'extract') return letter.message.task.stream;
  return letter.queue === 'convert' ? letter.message.stream : undefined;
}

type About = Pick<ReadDeadLetter, 'what'> & Partial<ReadDeadLetter>;
type RunOf = (runId: string) => Promise<Run>;

async function about(letter: AnyMessage, runOf: RunOf, store: ObjectStore): Promise<About> {
  switch (letter.queue) {
    case 'extract': {
      const { message } = letter;
      const { runId, task } = message;
      const run = await runOf(runId);
      const spent = await earlierCounts(message, { store });
      return {
        what: `task ${task.taskId}`,
        runId,
        // The receipt that counts these requests is replaced when the task ends.
        body: spent.requests > 0 ? { ...message, spent } : message,
        ...(await awaiting(task.taskId, readJson(store, extractReceiptKey(runId, task.taskId), extractReceipt))),
        ...(await doneSince(task.stream, runStateOf(runId, run, true), store)),
      };
    }
    case 'convert':
      return aboutChunk(letter.message, runOf, store);
    case 'publish': {
      const { runId } = letter.message;
      const { cannotResendBecause } = runStateOf(runId, await runOf(runId), false);
      const reason = (await readJson(store, failedCheckKey(runId), failure))?.value;
      return { what: 'look at the run', runId, body: { ...letter.message, check: 0 }, reason, cannotResendBecause };
    }
    case 'refresh': {
      const { event, deliveryId } = letter.message;
      return { what: `event ${event}, delivery ${deliveryId}`, body: letter.message };
    }
    default:
      return aboutExport(letter.message, runOf, store);
  }
}

async function aboutChunk(message: ConvertMessage, runOf: RunOf, store: ObjectStore): Promise<About> {
  const { runId, taskId, sequence, stream, again } = message;
  const id = chunkId(taskId, sequence);
  const receipt = readConversion(store, message);
  const read = { what: `chunk ${id}`, runId, body: message, ...(await awaiting(id, receipt, again)) };
  const runState = runStateOf(runId, await runOf(runId), true);
  const rawKey = chunkKey(stream, runId, taskId, sequence);
  const isKnown = runState.cannotResendBecause !== undefined || (await store.head(rawKey));
  const cannotResendBecause = `The raw chunk ${rawKey} is gone; its lifecycle rule may have expired it.`;
  const known = isKnown ? runState : { ...runState, cannotResendBecause };
  return { ...read, ...(await doneSince(stream, known, store)) };
}

/** Describes a step of an export job. Only the step that loads a file belongs to a run that publish checks. */
async function aboutExport(message: ExportMessage, runOf: RunOf, store: ObjectStore): Promise<About> {
  if (message.step === 'create') return { what: `export of ${message.scheduledAt}`, body: message };
  const what = `step '${message.step}' of export ${message.exportId}`;
  if (message.step === 'follow') return { what, body: message };
  const { runId } = message;
  if (message.step !== 'load') return { what, runId, body: { ...message, check: 0 } };
  const { plan } = await runOf(runId);
  const [task] = plan?.tasks ?? [];
  if (!plan || !task) return { what, runId, body: message };
  const receipt = readJson(store, extractReceiptKey(runId, task.taskId), extractReceipt);
  return { what, runId, body: message, plan, ...(await awaiting(task.taskId, receipt)) };
}

async function awaiting(
  id: string,
  stored: Promise<{ value: { status: string; finishedAt: string; error: Failure | null } } | undefined>,
  again = false,
): Promise<Pick<ReadDeadLetter, 'reason' | 'isPending' | 'awaited'>> {
  const receipt = (await stored)?.value;
  if (receipt?.status === 'done' && !again) return { reason: undefined, isPending: false, awaited: {} };
  return {
    reason: receipt?.error ?? undefined,
    isPending: true,
    awaited: receipt ? { [id]: receipt.finishedAt } : {},
  };
}

/**
 * Says what the state of a run means for one of its dead letters.
 * @param work true if the message is work of the run: such work is useless after the run was stopped
 */
function runStateOf(
  runId: string,
  { plan, aborted }: Run,
  work: boolean,
): Pick<ReadDeadLetter, 'plan' | 'cannotResendBecause'> {
  if (!plan)
    return { plan, cannotResendBecause: `Run ${runId} has no plan any more; its lifecycle rule may have expired it.` };
  const cannotResendBecause =
    work && aborted ? `Run ${runId} was stopped: ${aborted.message} The next run reads the same.` : undefined;
  return { plan, cannotResendBecause };
}

async function readRun(store: ObjectStore, runId: string): Promise<Run> {
  const plan = await readJson(store, planKey(runId), planSchema);
  const aborted = await readJson(store, abortedKey(runId), failure);
  return { plan: plan?.value, aborted: aborted?.value };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
