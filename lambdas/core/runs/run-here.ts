/** A small run from its first request to its report, in the one invocation that planned it. */

import { isVersionKeysPrefix } from '../../contract/current-keys.ts';
import { extractMessage, type ExtractMessage, type PublishMessage } from '../../contract/messages.ts';
import {
  extractReceiptsPrefix,
  planKey,
  prefixes,
  progressKey,
  rawPrefix,
  roundKey,
  roundsPrefix,
  runPrefix,
  sentPrefix,
} from '../../contract/object-keys.ts';
import type { Plan, Round, Selection } from '../../contract/run.ts';
import { failureOf, stackFrames } from '../errors.ts';
import type { Deadline, Log, ObjectStore, OutgoingMessage, Queue } from '../ports.ts';
import { rememberObjects } from '../store/immutable-objects.ts';
import { type KeptObjects, keepObjects } from '../store/kept-objects.ts';
import { rememberKeys } from '../store/known-keys.ts';
import { writeJson } from '../store/stored-json.ts';
import { sendTasks } from './dispatch-run.ts';

/** What the steps of the run read and write. */
export interface HerePorts {
  readonly store: ObjectStore;
  readonly extractQueue: Queue;
  readonly convertQueue: Queue;
  readonly publishQueue: Queue;
  /** Stores all rounds and receipts as one round. @returns false if another invocation stored a round first */
  readonly storeWhole: (round: Round) => Promise<boolean>;
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
 * the run, nothing is asked for that only this one can have written. Chunks are stored as always, and others can go on
 * from them if this invocation dies: a task that comes again finds its chunks, and makes its receipt of them. Receipts
 * and rounds are stored once, as one object, at the end of the run.
 * @returns false if the run is not small, or something failed or has to wait. Then dispatch the run.
 */
export async function runHere(
  plan: Plan,
  steps: StepsHere,
  { deadline, log, ...ports }: Omit<HerePorts, 'storeWhole'> & { readonly deadline: Deadline; readonly log: Log },
): Promise<boolean> {
  const work = new WorkHere(plan, ports);
  await sendTasks(plan, plan.tasks, work.ports.extractQueue);
  if (work.items > mostPlanned) return false;
  const isOver = await doHere(work, plan, steps, { deadline, log });
  if (!isOver) await work.leaveToOthers();
  return isOver;
}

async function doHere(
  work: WorkHere,
  { runId }: Plan,
  steps: StepsHere,
  { deadline, log }: { readonly deadline: Deadline; readonly log: Log },
): Promise<boolean> {
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
  readonly #kept: KeptObjects;
  readonly #runId: string;

  constructor(plan: Plan, { store, extractQueue, convertQueue, publishQueue }: Omit<HerePorts, 'storeWhole'>) {
    const { runId } = plan;
    this.#runId = runId;
    const isOwn = ({ body }: OutgoingMessage) => runIdIn(body) === runId;
    const others = (queue: Queue, messages: readonly OutgoingMessage[]) =>
      queue.send(messages.filter((message) => !isOwn(message)));
    const rememberingStore = storeHere(store, plan);
    this.#kept = keepObjects(rememberingStore, (key) => isShared(runId, key) || isCache(runId, key));
    this.ports = {
      store: this.#kept.store,
      storeWhole: (round) => writeJson(rememberingStore, roundKey(runId, 1), round, { ifAbsent: true }),
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

  leaveToOthers(): Promise<void> {
    return this.#kept.storeThose((key) => isShared(this.#runId, key));
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
  return rememberObjects(rememberKeys(store, isVersionKeysPrefix, known), isOfRun);
}

/** What others need if they go on with the run. */
function isShared(runId: string, key: string): boolean {
  return key.startsWith(roundsPrefix(runId)) || key.startsWith(extractReceiptsPrefix(runId));
}

/** What only spares other invocations work. */
function isCache(runId: string, key: string): boolean {
  return key === progressKey(runId) || key.startsWith(sentPrefix(runId));
}
