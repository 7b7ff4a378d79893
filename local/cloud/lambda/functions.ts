import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AnswerDirectly } from '../direct-sdk/direct-calls.ts';
import type { FunctionDefinition } from '../cloudformation/definitions.ts';
import { type FunctionInstance, FunctionProcess, type StartInstance } from './function-process.ts';
import type { RequestReport } from './runtime-messages.ts';

/** The error type, as in Lambda, of an invocation whose process ended. */
export const processEnded = 'Runtime.ExitError';

/** A function failed or timed out, or its process ended. The fields are those of Lambda's error answer. */
export class FunctionError extends Error {
  readonly functionName: string;
  readonly errorType: string;
  readonly errorMessage: string;

  constructor(functionName: string, errorType: string, errorMessage: string) {
    super(`The function ${functionName} failed with ${errorType}: ${errorMessage}`);
    this.name = 'FunctionError';
    this.functionName = functionName;
    this.errorType = errorType;
    this.errorMessage = errorMessage;
  }
}

export interface FunctionsOptions {
  /** Starts an execution environment of the function. @default starts a process */
  readonly startInstance?: StartInstance | undefined;
  readonly endpoint: string;
  readonly answerDirectly: AnswerDirectly;
  /** Folder of the log files, one `<name>.log` per function. */
  readonly logs: string;
  readonly compileCache: string;
  /** Environment variables that replace the template's in one process. */
  readonly environmentFor: (processId: string) => Readonly<Record<string, string>>;
  readonly onLog?: ((line: { functionName: string; processId: string; line: string }) => void) | undefined;
  readonly onRequests?: ((report: RequestReport) => void) | undefined;
  /** Called after each invocation. `milliseconds` includes the start of a process, if one was needed. */
  readonly onInvocation?: ((invocation: { functionName: string; milliseconds: number }) => void) | undefined;
}

export interface FunctionMemory {
  readonly functionName: string;
  readonly invocations: number;
  /** The peak memory of the process that held the most. */
  readonly peakBytes: number;
  readonly processes: readonly { readonly processId: string; readonly peakBytes: number }[];
}

const startProcess: StartInstance = (...of) => new FunctionProcess(...of);
let processCount = 0;

/**
 * A function and its processes. Idle processes are reused; overlapping invocations start more, up to the function's
 * concurrency.
 */
export class LocalFunction {
  readonly definition: FunctionDefinition;
  readonly #options: FunctionsOptions;
  readonly #logFile: string;
  readonly #idle: FunctionInstance[] = [];
  readonly #all = new Map<string, FunctionInstance>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #invocations = 0;
  #stopped = false;

  constructor(definition: FunctionDefinition, options: FunctionsOptions) {
    this.definition = definition;
    this.#options = options;
    mkdirSync(options.logs, { recursive: true });
    this.#logFile = join(options.logs, `${definition.name.replaceAll('/', '-')}.log`);
  }

  get running(): number {
    return this.#running;
  }

  owns(processId: string): boolean {
    return this.#all.has(processId);
  }

  kill(processId: string): void {
    this.#all.get(processId)?.kill();
  }

  /**
   * Invokes the function: waits for a free process, and then for its answer.
   * @returns the parsed answer, and the process that gave it
   * @throws FunctionError
   */
  async invoke(event: unknown): Promise<{ answer: unknown; processId: string }> {
    const { name, concurrency, notRunnableReason, timeoutSeconds } = this.definition;
    if (notRunnableReason) throw new FunctionError(name, 'Local.NotRunnable', notRunnableReason);
    while (this.#running >= concurrency) await new Promise<void>((go) => this.#waiting.push(go));
    if (this.#stopped) throw new FunctionError(name, 'Local.Stopped', 'The embedded cloud was stopped.');
    this.#running += 1;
    this.#invocations += 1;
    const startedAt = performance.now();
    const worker = this.#take();
    try {
      const outcome = await worker.invoke(JSON.stringify(event ?? {}));
      if (outcome.type === 'succeeded') return { answer: JSON.parse(outcome.payload), processId: worker.id };
      const [errorType, errorMessage] =
        outcome.type === 'failed'
          ? [outcome.error.errorType, outcome.error.errorMessage]
          : outcome.type === 'timed out'
            ? ['Sandbox.Timedout', `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`]
            : [processEnded, `Runtime exited with error: ${outcome.reason}`];
      if (!this.#stopped) this.#log(worker.id, `${errorType}: ${errorMessage}`);
      throw new FunctionError(name, errorType, errorMessage);
    } finally {
      this.#options.onInvocation?.({ functionName: name, milliseconds: performance.now() - startedAt });
      this.#running -= 1;
      if (worker.isAlive) this.#idle.push(worker);
      this.#waiting.shift()?.();
    }
  }

  memory(): FunctionMemory {
    const processes = [...this.#all.values()].map(({ id, peakBytes }) => ({ processId: id, peakBytes }));
    return {
      functionName: this.definition.name,
      invocations: this.#invocations,
      peakBytes: Math.max(0, ...processes.map(({ peakBytes }) => peakBytes)),
      processes,
    };
  }

  stop(): void {
    this.#stopped = true;
    for (const worker of this.#all.values()) worker.kill();
    for (const go of this.#waiting.splice(0)) go();
  }

  #take(): FunctionInstance {
    for (let worker = this.#idle.pop(); worker; worker = this.#idle.pop()) {
      if (worker.isAlive) return worker;
    }
    processCount += 1;
    const id = `ASIALOCAL${String(processCount).padStart(11, '0')}`;
    const { endpoint, answerDirectly, compileCache, environmentFor, startInstance = startProcess } = this.#options;
    const worker = startInstance(this.definition, id, {
      endpoint,
      answerDirectly,
      compileCache,
      environment: environmentFor(id),
      onLine: (line) => this.#log(id, line),
      onRequests: (report) => this.#options.onRequests?.(report),
    });
    this.#all.set(id, worker);
    return worker;
  }

  #log(processId: string, line: string): void {
    appendFileSync(this.#logFile, `${line}\n`);
    this.#options.onLog?.({ functionName: this.definition.name, processId, line });
  }
}
