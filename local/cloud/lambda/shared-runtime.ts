/**
 * Runs in the thread that all functions of `npm start` share. Each instance is a module of its own, with the environment
 * and the log of its function. Imports no package, so that the thread starts fast.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { type Handler, importHandler } from './import-handler.ts';
import { contextOf, describeError } from './invocation.ts';
import { useProxy } from './network-environment.ts';
import { peakBytes } from './peak-memory.ts';
import { reportRequests } from './report-requests.ts';
import type { DirectAnswer } from '../direct-sdk/messages.ts';
import type { SharedReply, SharedRequest } from './shared-messages.ts';

interface Instance {
  readonly environment: NodeJS.ProcessEnv;
  readonly handler: Promise<Handler>;
}

const instances = new Map<string, Instance>();
/** Id of the instance whose code runs. */
const running = new AsyncLocalStorage<string>();

parentPort?.on('message', (message: SharedRequest | DirectAnswer) => {
  if (message.type === 'answer') return;
  if (message.type === 'end') process.exit();
  if (message.type === 'load') {
    // Code that cannot be loaded fails again, and is reported, when a function needs it.
    void import(pathToFileURL(message.file).href).catch(() => {});
    return;
  }
  const { id } = message;
  void running.run(id, async () => {
    if (message.type === 'start') start(message);
    else reply({ id, answer: await take(message) });
  });
});
logByInstance();

let isReaching = false;

/** A handler reads its environment when it is loaded, so handlers are loaded one after the other. */
let loaded: Promise<unknown> = Promise.resolve();

function start({ id, file, environment }: SharedRequest & { type: 'start' }): void {
  const handler = loaded.then(async () => {
    Object.assign(process.env, environment);
    reachApi(id, environment);
    const found = await importHandler(`${pathToFileURL(file).href}?instance=${id}`, 'handler');
    if (!found) throw new TypeError(`${file} exports no handler.`);
    return found;
  });
  loaded = handler.catch(() => undefined);
  instances.set(id, { environment, handler });
}

async function take({ id, invocation }: SharedRequest & { type: 'invoke' }) {
  try {
    const instance = instances.get(id);
    if (!instance) throw new Error(`There is no instance ${id}.`);
    const handler = await instance.handler;
    const answer = await handler(JSON.parse(invocation.payload), contextOf(invocation, instance.environment));
    keepCompiled();
    return { type: 'succeeded' as const, payload: JSON.stringify(answer) ?? 'null', peakBytes: peakBytes() };
  } catch (error) {
    process.stderr.write(`${inspect(error)}\n`);
    return { type: 'failed' as const, error: describeError(error), peakBytes: peakBytes(), ends: false };
  }
}

/** Once for all instances, because they all send their requests to the same API. */
function reachApi(id: string, environment: NodeJS.ProcessEnv): void {
  const apiBaseUrl = environment['API_BASE_URL'];
  if (isReaching || !apiBaseUrl) return;
  isReaching = true;
  useProxy(environment);
  reportRequests(apiBaseUrl, (requests) => reply({ id, requests }));
}

let keptInstances = 0;

/** Writes the compile cache. Node does this only when a thread ends by itself, but the embedded cloud ends it. */
function keepCompiled(): void {
  if (keptInstances === instances.size) return;
  keptInstances = instances.size;
  flushCompileCache();
}

function reply(message: SharedReply): void {
  parentPort?.postMessage(message);
}

/** Sends the output of each instance to the embedded cloud, which keeps a log for each function. */
function logByInstance(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    stream.write = (chunk: string | Uint8Array, ...rest: never[]) => {
      const id = running.getStore();
      if (id === undefined) return write(chunk, ...rest);
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      for (const line of text.trimEnd().split('\n')) reply({ id, line });
      return true;
    };
  }
}
