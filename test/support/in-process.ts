/**
 * Runs functions and commands from their sources inside the test's process. That is about ten times cheaper than a
 * process for each. Each function or command has its own environment and output, but none can be killed.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { fileURLToPath } from 'node:url';
import { clearCaches } from '@aws-lambda-powertools/parameters';
import { DEFAULT_PROVIDERS } from '@aws-lambda-powertools/parameters/base';
import type { FunctionDefinition } from '../../local/cloud/cloudformation/definitions.ts';
import {
  environmentOf,
  type FunctionInstance,
  type InstanceOptions,
  invocationOf,
  type Outcome,
  type StartInstance,
} from '../../local/cloud/lambda/function-process.ts';
import { contextOf, describeError } from '../../local/cloud/lambda/invocation.ts';

/** A function's or command's own environment and output. */
export interface Inside {
  readonly environment: NodeJS.ProcessEnv;
  onOutput(stream: 'stdout' | 'stderr', text: string): void;
}

const running = new AsyncLocalStorage<Inside>();

export function runInside<T>(inside: Inside, work: () => T): T {
  isolateProcessState();
  // Powertools caches secrets for the whole process, whichever cloud they come from.
  clearCaches();
  delete DEFAULT_PROVIDERS.secrets;
  return running.run(inside, work);
}

type Handler = (event: unknown, context: unknown) => unknown;
let instances = 0;

class InProcessInstance implements FunctionInstance {
  readonly id: string;
  readonly peakBytes = 0;
  isAlive = true;
  readonly #definition: FunctionDefinition;
  readonly #inside: Inside;
  readonly #handler: Promise<Handler>;
  #end: ((outcome: Outcome) => void) | undefined;

  constructor(definition: FunctionDefinition, id: string, options: InstanceOptions) {
    this.id = id;
    this.#definition = definition;
    this.#inside = {
      environment: environmentOf(definition, id, options),
      onOutput: (_, text) => {
        // The work of a killed instance goes on. If it still logged, it would create its log file anew, in a folder that
        // the test removes.
        if (!this.isAlive) return;
        for (const line of text.trimEnd().split('\n')) options.onLine(line);
      },
    };
    this.#handler = runInside(this.#inside, () => load(definition));
    this.#handler.catch(() => {
      this.isAlive = false;
    });
  }

  async invoke(payload: string): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#end = resolve;
    const timer = setTimeout(() => {
      this.isAlive = false;
      resolve({ type: 'timed out' });
    }, this.#definition.timeoutSeconds * 1_000);
    void running.run(this.#inside, () => this.#take(payload)).then(resolve);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  kill(): void {
    this.isAlive = false;
    this.#end?.({ type: 'exited', reason: 'signal: SIGKILL' });
  }

  async #take(payload: string): Promise<Outcome> {
    try {
      const handler = await this.#handler;
      const context = contextOf(invocationOf(this.#definition, payload), this.#inside.environment);
      const answer = JSON.stringify(await handler(JSON.parse(payload), context)) ?? 'null';
      return { type: 'succeeded', payload: answer, peakBytes: 0 };
    } catch (error) {
      return { type: 'failed', error: describeError(error), peakBytes: 0, ends: false };
    }
  }
}

export const inProcess: StartInstance = (...of) => new InProcessInstance(...of);

/** Loads a separate module for each instance, so that instances share no state, like processes. */
async function load({ name }: FunctionDefinition): Promise<Handler> {
  instances += 1;
  const path = fileURLToPath(new URL(`../../lambdas/handlers/${name}.ts`, import.meta.url));
  const { handler } = (await import(/* @vite-ignore */ `${path}?instance=${instances}`)) as { handler: Handler };
  return handler;
}

let isIsolated = false;

/** Gives each function or command its own process environment and output. */
function isolateProcessState(): void {
  if (isIsolated) return;
  isIsolated = true;
  const own = process.env;
  const current = () => running.getStore()?.environment ?? own;
  process.env = new Proxy(own, {
    get: (_, name) => Reflect.get(current(), name),
    set: (_, name, value) => Reflect.set(current(), name, value),
    has: (_, name) => Reflect.has(current(), name),
    deleteProperty: (_, name) => Reflect.deleteProperty(current(), name),
    ownKeys: () => Reflect.ownKeys(current()),
    getOwnPropertyDescriptor: (_, name) => {
      const found = Reflect.getOwnPropertyDescriptor(current(), name);
      return found && { ...found, configurable: true };
    },
  });
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    const write = stream.write.bind(stream);
    stream.write = (chunk: string | Uint8Array, ...rest: never[]) => {
      const inside = running.getStore();
      if (!inside) return write(chunk, ...rest);
      inside.onOutput(name, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      return true;
    };
  }
}
