import type { WorkspaceInput } from '../../lib/config/workspace-input.ts';
import type { Call } from '../../local/cloud/call-hook-runner.ts';
import { type AccessRequest, requestsOf } from './iam-requests.ts';

/** Bucket in which the vendor puts its export files. */
export const sourceBucket = 'vendor-exports';

/** Turns on every option of the configuration that makes a function do more. */
export const fullConfig: WorkspaceInput = {
  name: 'main',
  exports: { source: { bucket: sourceBucket, prefix: 'drop/' } },
  personalData: { hash: ['email'] },
  retention: { historyDays: 30 },
};

/** What the functions did, under the plain or the full configuration. */
export interface Done {
  readonly requests: AccessRequest[];
  /** Names of schedules that fired. */
  readonly schedules: string[];
}

/** Records every AWS call of the functions, and every queue message. */
export class AccessRecording {
  readonly plain: Done = { requests: [], schedules: [] };
  readonly full: Done = { requests: [], schedules: [] };
  readonly processes = new Set<string>();
  isFull = false;
  /** Called before each AWS call of a function. The AWS call waits until the returned promise resolves. */
  before: ((call: Call) => void | Promise<void>) | undefined;
  readonly #messages: string[] = [];

  get now(): Done {
    return this.isFull ? this.full : this.plain;
  }

  readonly hooks = {
    beforeCall: async (call: Call) => {
      await this.before?.(call);
      return 'continue' as const;
    },
    afterCall: (call: Call, status: number) => {
      this.processes.add(call.processId);
      this.now.requests.push(...requestsOf(call, status));
      return 'continue' as const;
    },
    deliver: ({ body, delaySeconds }: { body: string; delaySeconds: number }) => {
      this.#messages.push(body);
      return [delaySeconds];
    },
  };

  /** The last queue message whose body matches. @throws Error if none does */
  message(form: RegExp): string {
    const found = this.#messages.findLast((body) => form.test(body));
    if (found === undefined) throw new Error(`No message was like ${form}.`);
    return found;
  }
}
