import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/**
 * Whether a Parquet file can be read whole. A few changed bytes can send the reader into a loop that it never
 * leaves (a run of two thousand million values), so it works in a thread that can be ended.
 */

/** Of CPU time, which does not pass while the machine has other work. A megabyte takes a fraction of a second. */
const secondsAllowed = 3;
const secondsAllowedPerMegabyte = 3;
const lookMilliseconds = 200;
const mostMegabytes = 2_048;

let thread: Worker | undefined;
/** One file at a time. */
let last: Promise<unknown> = Promise.resolve();

export async function canBeRead(bytes: Uint8Array): Promise<boolean> {
  const mine = last.then(() => check(bytes));
  last = mine.catch(() => undefined);
  return mine;
}

async function check(bytes: Uint8Array): Promise<boolean> {
  thread ??= await startThread();
  const worker = thread;
  worker.ref();
  const allowed = secondsAllowed + (secondsAllowedPerMegabyte * bytes.byteLength) / 1_000_000;
  const over = new AbortController();
  const answer = new Promise<boolean | undefined>((resolve) => {
    worker.once('message', (readable: unknown) => resolve(readable === true));
    // It has taken all the memory that it may have.
    worker.once('error', () => resolve(undefined));
  });
  worker.postMessage(bytes, []);
  const readable = await Promise.race([answer, overdue(worker, allowed, over.signal)]);
  over.abort();
  worker.removeAllListeners('message');
  if (readable === undefined) {
    thread = undefined;
    await worker.terminate();
    return false;
  }
  worker.removeAllListeners('error');
  // Nobody waits for it at the end.
  worker.unref();
  return readable;
}

async function startThread(): Promise<Worker> {
  const worker = new Worker(new URL('./parquet-thread.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
  });
  await once(worker, 'online');
  return worker;
}

/** @returns once the thread has worked for longer than allowed, or works no more */
async function overdue(worker: Worker, seconds: number, signal: AbortSignal): Promise<undefined> {
  try {
    const began = await cpuSeconds(worker);
    while (!signal.aborted && (await cpuSeconds(worker)) - began <= seconds)
      await wait(lookMilliseconds, undefined, { signal });
  } catch {
    // It has ended, or the answer is there.
  }
  return undefined;
}

async function cpuSeconds(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage();
  return (user + system) / 1_000_000;
}
