/** The service, operation and resource of a call to AWS. */
export interface CallDescription {
  readonly service: 's3' | 'sqs' | 'sns' | 'secretsmanager' | 'events' | 'other';
  /** The SDK's name, such as `PutObject`. */
  readonly operation: string;
  /** Bucket and key, queue name, secret, topic or event bus; empty if the call names none. */
  readonly resource: string;
  /** Key prefix of the call, if it lists objects. */
  readonly prefix?: string;
}

/** A call of an AWS service by a function, or by Lambda for the function, to delete processed messages. */
export interface Call extends CallDescription {
  readonly functionName: string;
  readonly processId: string;
  /** Number of the call among the calls of all functions since the start, from 1. */
  readonly sequence: number;
}

/**
 * `kill` ends the calling process with SIGKILL: before the call, so that it has no effect, or after it, so that its
 * answer is lost.
 */
export type Verdict = 'continue' | 'kill';

export interface CallHooks {
  /** Called before a call reaches the service. The call waits for the verdict. */
  beforeCall?(call: Call): Verdict | Promise<Verdict>;
  /** Called before the answer is sent to the caller. @param status HTTP status of the answer */
  afterCall?(call: Call, status: number): Verdict;
}

export interface Processes {
  /** Readable name of the function to which a process belongs. */
  functionOf(processId: string): string | undefined;
  kill(processId: string): void;
}

/** Runs the hooks of every call, and applies their verdicts. */
export class CallHookRunner {
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

  /**
   * Runs the hook before a call.
   * @returns `call`: undefined if the caller is not a function's process; `killed`: whether the hook killed the process
   */
  async before(processId: string, description: CallDescription): Promise<{ call?: Call; killed: boolean }> {
    const functionName = this.#processes.functionOf(processId);
    if (functionName === undefined) return { killed: false };
    this.#sequence += 1;
    const call = { ...description, functionName, processId, sequence: this.#sequence };
    return { call, killed: this.#applyVerdict(call, await this.#hooks.beforeCall?.(call)) };
  }

  /** Runs the hook after a call. @returns whether the process was killed */
  after(call: Call, status: number): boolean {
    return this.#applyVerdict(call, this.#hooks.afterCall?.(call, status));
  }

  #applyVerdict({ processId }: Call, verdict: Verdict | undefined): boolean {
    if (verdict !== 'kill') return false;
    this.#processes.kill(processId);
    return true;
  }
}
