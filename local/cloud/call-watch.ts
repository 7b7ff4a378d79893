/** What a call asks for. */
export interface CallDescription {
  readonly service: 's3' | 'sqs' | 'sns' | 'secretsmanager' | 'events' | 'other';
  /** As the SDK names it, such as `PutObject`. */
  readonly operation: string;
  /** Bucket and key, queue name, secret, topic or event bus; empty where the call names none. */
  readonly resource: string;
  /** Of a listing: the keys that it asks for begin so. */
  readonly prefix?: string;
}

/** One call of an AWS service that a function makes, or that Lambda makes for it: the delete of what it has processed. */
export interface Call extends CallDescription {
  readonly functionName: string;
  readonly processId: string;
  /** Counts the calls of all functions since the start, from 1. */
  readonly sequence: number;
}

/** `kill` ends the calling process with SIGKILL: before the call, so that it has no effect, or after it, so that nobody hears of it. */
export type Verdict = 'continue' | 'kill';

export interface CallHooks {
  /** May take its time: the call waits. */
  beforeCall?(call: Call): Verdict | Promise<Verdict>;
  /** @param status of the answer, as HTTP has it */
  afterCall?(call: Call, status: number): Verdict;
}

export interface Processes {
  /** Readable name of the function that a process belongs to. */
  functionOf(processId: string): string | undefined;
  kill(processId: string): void;
}

/** Shows the hooks every call, and does what they say. */
export class CallWatch {
  readonly #hooks: CallHooks;
  readonly #processes: Processes;
  #sequence = 0;

  constructor(hooks: CallHooks, processes: Processes) {
    this.#hooks = hooks;
    this.#processes = processes;
  }

  get isOff(): boolean {
    return !this.#hooks.beforeCall && !this.#hooks.afterCall;
  }

  /** @returns no call where the caller is no process of a function */
  async before(processId: string, description: CallDescription): Promise<{ call?: Call; killed: boolean }> {
    const functionName = this.#processes.functionOf(processId);
    if (functionName === undefined) return { killed: false };
    this.#sequence += 1;
    const call = { ...description, functionName, processId, sequence: this.#sequence };
    return { call, killed: this.#carryOut(call, await this.#hooks.beforeCall?.(call)) };
  }

  /** @returns whether the process was killed */
  after(call: Call, status: number): boolean {
    return this.#carryOut(call, this.#hooks.afterCall?.(call, status));
  }

  #carryOut({ processId }: Call, verdict: Verdict | undefined): boolean {
    if (verdict !== 'kill') return false;
    this.#processes.kill(processId);
    return true;
  }
}
