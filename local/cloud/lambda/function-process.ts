import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sdkEnvironment } from '../clients.ts';
import type { AnswerDirectly } from '../direct-sdk/direct-calls.ts';
import type { FunctionDefinition } from '../cloudformation/definitions.ts';
import { networkEnvironment } from './network-environment.ts';
import {
  type Invocation,
  type RequestReport,
  requestReport,
  type RuntimeAnswer,
  runtimeAnswer,
} from './runtime-messages.ts';

const runtime = fileURLToPath(new URL(`./runtime${extname(import.meta.url)}`, import.meta.url));

/** One execution environment of a function, as in Lambda: it handles one invocation at a time. */
export interface FunctionInstance {
  /** Id of the instance. Its calls are signed with this as the access key id, so each call shows its process. */
  readonly id: string;
  readonly peakBytes: number;
  readonly isAlive: boolean;
  /** Runs one invocation. Never rejects. After `timed out` or `exited` the instance cannot be used again. */
  invoke(payload: string): Promise<Outcome>;
  /** Ends the instance and its current invocation at once. It accepts no other invocation. */
  kill(): void;
}

/**
 * Folder of Node's compile cache. It is next to the assembly, not in the output folder, so that a run on a new folder
 * starts its functions just as fast.
 */
export const compileCacheOf = (assembly: string): string => `${assembly}.compiled`;

export type StartInstance = (definition: FunctionDefinition, id: string, options: InstanceOptions) => FunctionInstance;

export interface InstanceOptions {
  readonly endpoint: string;
  /** Environment variables that replace the template's. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder of Node's compile cache, shared with later processes. */
  readonly compileCache: string;
  readonly onLine: (line: string) => void;
  /** Answers the calls of AWS services by functions that run in this process. */
  readonly answerDirectly: AnswerDirectly;
  /** Called a few times a second while the function sends requests to the API. */
  readonly onRequests: (report: RequestReport) => void;
}

export type Outcome = RuntimeAnswer | { type: 'exited'; reason: string } | { type: 'timed out' };

/** Runs a function in its own process. */
export class FunctionProcess implements FunctionInstance {
  readonly id: string;
  peakBytes = 0;
  readonly #definition: FunctionDefinition;
  readonly #child: ChildProcess;
  #ended: string | undefined;
  #settle: ((outcome: Outcome) => void) | undefined;

  constructor(definition: FunctionDefinition, id: string, options: InstanceOptions) {
    this.id = id;
    this.#definition = definition;
    this.#child = spawn(process.execPath, [runtime, definition.folder, definition.handler], {
      cwd: definition.folder,
      env: environmentOf(definition, id, options),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', options.onLine);
    }
    this.#child.on('message', (message) => {
      const report = requestReport.safeParse(message);
      if (report.success) return options.onRequests(report.data);
      const answer = runtimeAnswer.parse(message);
      if (answer.type === 'failed' && answer.ends) this.#ended ??= answer.error.errorMessage;
      this.#settle?.(answer);
    });
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('exit', (code, signal) => this.#end(signal ? `signal: ${signal}` : `exit status ${code}`));
  }

  get isAlive(): boolean {
    return this.#ended === undefined;
  }

  async invoke(payload: string): Promise<Outcome> {
    if (this.#ended !== undefined) return { type: 'exited', reason: this.#ended };
    const milliseconds = this.#definition.timeoutSeconds * 1_000;
    const outcome = await new Promise<Outcome>((settle) => {
      const timer = setTimeout(() => {
        settle({ type: 'timed out' });
        this.kill();
      }, milliseconds);
      this.#settle = (answer) => {
        clearTimeout(timer);
        settle(answer);
      };
      this.#child.send(invocationOf(this.#definition, payload), (error) => {
        if (error) this.#end(error.message);
      });
    });
    this.#settle = undefined;
    if ('peakBytes' in outcome) this.peakBytes = Math.max(this.peakBytes, outcome.peakBytes);
    return outcome;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    this.#end('signal: SIGKILL');
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#settle?.({ type: 'exited', reason: this.#ended });
  }
}

export function invocationOf({ arn, timeoutSeconds }: FunctionDefinition, payload: string): Invocation {
  return {
    requestId: randomUUID(),
    functionArn: arn,
    traceId: `Root=1-${Math.floor(Date.now() / 1_000).toString(16)}-${randomBytes(12).toString('hex')};Sampled=0`,
    deadline: Date.now() + timeoutSeconds * 1_000,
    payload,
  };
}

/**
 * Environment of a function's process: the template's variables, those that Lambda adds, the embedded cloud's endpoint,
 * and this machine's proxy and certificates. The machine's AWS credentials are left out.
 */
export function environmentOf(
  definition: FunctionDefinition,
  id: string,
  { endpoint, environment, compileCache }: InstanceOptions,
): NodeJS.ProcessEnv {
  return {
    ...definition.environment,
    ...environment,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: 'UTC',
    ...networkEnvironment(process.env),
    ...homeEnvironment(),
    ...sdkEnvironment(endpoint, id),
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: definition.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMiB),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: id,
    LAMBDA_TASK_ROOT: definition.folder,
    _HANDLER: definition.handler,
    NODE_COMPILE_CACHE: compileCache,
  };
}

/** Sets HOME for a user without a passwd entry, for whom the SDK would fail. Lambda's own user has an entry. */
function homeEnvironment(): NodeJS.ProcessEnv {
  try {
    userInfo();
    return {};
  } catch {
    return { HOME: '/nonexistent' };
  }
}
