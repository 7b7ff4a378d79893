/** A small run from its first request to its report, in the one invocation that planned it. */

import { isVersionKeysPrefix } from '../../contract/current-keys.ts';
import { extractMessage, type ExtractMessage, type PublishMessage } from '../../contract/messages.ts';
import { planKey, prefixes, progressKey, rawPrefix, runPrefix, sentPrefix } from '../../contract/object-keys.ts';
import type { Plan, Selection } from '../../contract/run.ts';
import { failureOf, stackFrames } from '../errors.ts';
import type { Deadline, Log, ObjectStore, OutgoingMessage, Queue, StoredObject } from '../ports.ts';
import { rememberObjects } from '../store/immutable-objects.ts';
import { rememberKeys } from '../store/known-keys.ts';
import { sendTasks } from './dispatch-run.ts';

/** What the steps of the run read and write. */
export interface HerePorts {
  readonly store: ObjectStore;
  readonly extractQueue: Queue;
  readonly convertQueue: Queue;
  readonly publishQueue: Queue;
}

export interface StepsHere {
  /** Reads, lands and converts one task. */
  readonly extract: (message: ExtractMessage, ports: HerePorts) => Promise<void>;
  /** Takes the run one step further. @returns whether the run is over */
  readonly publish: (message: PublishMessage, ports: HerePorts) => Promise<boolean>;
}

/** Most ids that the plan of a small run names, and most ids and parents that it reads in all: each is a request. */
const mostPlanned = 10;
const mostItems = 40;
/** With less time than this left, the work goes on in other invocations: a table may take this long to merge. */
const leastMilliseconds = 120_000;

/**
 * Does all the work of a run if it is small. Call it right after its plan was stored: as no other invocation knows of
 * the run, nothing is asked for that only this one can have written. Chunks, receipts and rounds are stored as always,
 * so that others can go on from them if this invocation dies.
 * @returns false if the run is not small, or something failed or has to wait. Then dispatch the run.
 */
export async function runHere(
  plan: Plan,
  steps: StepsHere,
  { deadline, log, ...ports }: HerePorts & { readonly deadline: Deadline; readonly log: Log },
): Promise<boolean> {
  const { runId } = plan;
  const work = new WorkHere(plan, ports);
  await sendTasks(plan, plan.tasks, work.ports.extractQueue);
  if (work.items > mostPlanned) return false;
  try {
    while (work.isHere && work.items <= mostItems && deadline.remainingMilliseconds() > leastMilliseconds) {
      const tasks = work.takeTasks();
      if (tasks.length === 0) return false;
      const results = await Promise.allSettled(tasks.map((task) => steps.extract(task, work.ports)));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
      if (work.isHere && (await steps.publish({ runId, check: 0 }, work.ports))) return true;
    }
  } catch (error) {
    log.warn('A small run could not be done in one invocation; others go on with it.', {
      runId,
      failure: failureOf(error),
      stack: stackFrames(error),
    });
  }
  return false;
}

class WorkHere {
  readonly ports: HerePorts;
  /** False once something has to be done by another invocation. */
  isHere = true;
  /** Ids and parents of all tasks so far. */
  items = 0;
  readonly #tasks: ExtractMessage[] = [];

  constructor(plan: Plan, { store, extractQueue, convertQueue, publishQueue }: HerePorts) {
    const isOwn = ({ body }: OutgoingMessage) => runIdIn(body) === plan.runId;
    const others = (queue: Queue, messages: readonly OutgoingMessage[]) =>
      queue.send(messages.filter((message) => !isOwn(message)));
    this.ports = {
      store: storeHere(store, plan),
      extractQueue: {
        send: async (messages) => {
          for (const message of messages.filter(isOwn)) this.#add(message);
          await others(extractQueue, messages);
        },
      },
      convertQueue: {
        send: async (messages) => {
          this.isHere = false;
          await convertQueue.send(messages);
        },
      },
      // The run is checked here, after each group of tasks.
      publishQueue: { send: (messages) => others(publishQueue, messages) },
    };
  }

  takeTasks(): ExtractMessage[] {
    return this.#tasks.splice(0);
  }

  #add({ body }: OutgoingMessage): void {
    const message = extractMessage.parse(body);
    // A continuation is the rest of a task that had to stop, so it is sent. Its receiver begins after the last chunk.
    if (message.continuation > 0) this.isHere = false;
    this.items += itemsIn(message.task.selection);
    this.#tasks.push(message);
  }
}

function runIdIn(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'runId' in body ? body.runId : undefined;
}

/** Number of requests that a selection takes at least; a list may take any number. */
function itemsIn(selection: Selection): number {
  if (selection.kind === 'list') return Number.POSITIVE_INFINITY;
  if (selection.kind === 'single') return 1;
  return selection.kind === 'ids' ? selection.ids.length : selection.parents.length;
}

/** The store as the run needs it: it asks for nothing that this invocation wrote or that nobody can have written. */
function storeHere(store: ObjectStore, { runId, streams }: Plan): ObjectStore {
  const own = runPrefix(runId);
  const raw = streams.map((stream) => rawPrefix(stream, runId));
  const known = new Map<string, string[]>([
    [own, [planKey(runId)]],
    ...raw.map((prefix): [string, string[]] => [prefix, []]),
  ]);
  const isOfRun = (key: string) =>
    [own, ...raw].some((prefix) => key.startsWith(prefix)) || (key.startsWith(prefixes.lake) && key.includes(runId));
  return keepHere(rememberObjects(rememberKeys(store, isVersionKeysPrefix, known), isOfRun), runId);
}

/** The store, without the objects that only spare other invocations work: they stay in memory. */
function keepHere(store: ObjectStore, runId: string): ObjectStore {
  const kept = new Map<string, StoredObject>();
  const isKept = (key: string) => key === progressKey(runId) || key.startsWith(sentPrefix(runId));
  return {
    ...store,
    get: async (key) => (isKept(key) ? kept.get(key) : store.get(key)),
    head: async (key) => (isKept(key) ? kept.get(key) : store.head(key)),
    async put(key, body, options) {
      if (!isKept(key)) return store.put(key, body, options);
      kept.set(key, { body: typeof body === 'string' ? new TextEncoder().encode(body) : body, etag: '', metadata: {} });
      return true;
    },
  };
}
