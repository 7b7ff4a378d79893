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

/** A thread that ends may have been ended by what the file before left behind: another one is asked then. */
async function check(bytes: Uint8Array): Promise<boolean> {
  const first = await ask(bytes);
  const answer = first === 'ended' ? await ask(bytes) : first;
  return answer === 'readable';
}

async function ask(bytes: Uint8Array): Promise<'readable' | 'not readable' | 'ended'> {
  thread ??= await startThread();
  const worker = thread;
  worker.ref();
  const allowed = secondsAllowed + (secondsAllowedPerMegabyte * bytes.byteLength) / 1_000_000;
  const over = new AbortController();
  const answer = new Promise<'readable' | 'not readable' | 'ended'>((resolve) => {
    worker.once('message', (readable: unknown) => resolve(readable === true ? 'readable' : 'not readable'));
    // Such as when it has taken all the memory that it may have.
    worker.once('exit', () => resolve('ended'));
  });
  worker.postMessage(bytes, []);
  const told = await Promise.race([answer, overdue(worker, allowed, over.signal).then(() => 'overdue' as const)]);
  over.abort();
  worker.removeAllListeners('message');
  worker.removeAllListeners('exit');
  if (told === 'overdue' || told === 'ended') {
    thread = undefined;
    await worker.terminate();
    return told === 'ended' ? told : 'not readable';
  }
  // Nobody waits for it at the end.
  worker.unref();
  return told;
}

async function startThread(): Promise<Worker> {
  const worker = new Worker(new URL('./parquet-thread.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
  });
  await once(worker, 'online');
  worker.on('error', () => {
    if (thread === worker) thread = undefined;
  });
  return worker;
}

/** Ends once the thread has worked for longer than allowed; never where it works no more. */
async function overdue(worker: Worker, seconds: number, signal: AbortSignal): Promise<void> {
  try {
    const began = await cpuSeconds(worker);
    while ((await cpuSeconds(worker)) - began <= seconds) await wait(lookMilliseconds, undefined, { signal });
  } catch {
    // It has ended, or the answer is there.
    await new Promise(() => undefined);
  }
}

async function cpuSeconds(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage();
  return (user + system) / 1_000_000;
}
