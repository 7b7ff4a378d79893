/**
 * What the functions of `npm start` use instead of the AWS SDK: each call is one message to the thread of the embedded
 * cloud. The SDK's own clients took a quarter of the processor time of a small run, to serialize, sign and send
 * requests that never leave the machine. Deployed functions, and those that the tests run in processes, use the AWS SDK.
 *
 * bundled-functions.ts replaces each `@aws-sdk/client-*` by the file of that name beside this one. They have what the
 * functions use.
 */

import { parentPort } from 'node:worker_threads';
import type { DirectAnswer, DirectCall, DirectError, DirectService } from './messages.ts';

const waiting = new Map<number, (answer: DirectAnswer) => void>();
let calls = 0;

parentPort?.on('message', (message: DirectAnswer | { readonly type: 'start' | 'invoke' }) => {
  if (message.type !== 'answer') return;
  waiting.get(message.call)?.(message);
  waiting.delete(message.call);
});

async function answerTo(service: DirectService, operation: string, input: unknown): Promise<DirectAnswer> {
  const port = parentPort;
  if (!port) throw new Error('This client works only in a thread of the embedded cloud.');
  calls += 1;
  const call = calls;
  return new Promise((resolve) => {
    waiting.set(call, resolve);
    port.postMessage({ type: 'call', call, service, operation, input } satisfies DirectCall);
  });
}

/** The base of each service's errors, like that of the SDK. */
export class DirectException extends Error {
  readonly $metadata: { readonly httpStatusCode: number };

  constructor({ name, message, status }: DirectError) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode: status };
  }
}

interface Command {
  readonly operation: string;
  readonly input: unknown;
}

/** A client class of a service. @param toException makes the error that the SDK would throw */
export function clientOf(service: DirectService, toException: (error: DirectError) => Error) {
  return class {
    async send({ operation, input }: Command): Promise<unknown> {
      const { error, output } = await answerTo(service, operation, input);
      if (error) throw toException(error);
      return output;
    }
  };
}

/** A command class of the SDK. */
export function commandOf(operation: string) {
  return class implements Command {
    readonly operation = operation;
    readonly input: unknown;

    constructor(input: unknown) {
      this.input = input;
    }
  };
}
